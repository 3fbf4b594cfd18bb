from textwrap import dedent

import pytest
from projects import written

from rfa_core.config.load import load_settings
from rfa_core.config.settings import FactorySettings, Settings
from rfa_core.receptive.resolution import Resolution


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    """A folder with a mark of its own, so that nothing above it counts."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def test_without_any_file_the_defaults_hold(tmp_path):
    settings = load_settings()

    assert settings == Settings(root=str(tmp_path))


def test_every_key_reaches_its_setting(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        dedent(
            """\
            [tool.rfa]
            required-version = ">=0.1"
            resolutions = [64, "96x128", [16, 112, 112], 64]
            paths = ["src/models"]
            exclude = ["**/blocks.py"]
            factories = [
              "acme.models:resnet_small",
              { target = "acme.models:unet", kwargs.depth = 4, resolutions = [128] },
              { target = "acme.models:other", input-shape = [1, "H", "W"], ignore = ["RFA103"] },
              { target = "acme.models:two", input-shape = [[1, 3, "H", "W"], [1, "T"], [1], []] },
            ]
            select = ["RFA1", "ALL"]
            ignore = ["RFA102"]
            extend-select = ["RFA9"]
            fail-on = "warning"
            max-unproductive-parameters = 0.05
            judge-pointwise = false
            judge-pooling = true
            tie = "productive"
            norm-statistics = "global"
            reports = ["json:rfa.json", "junit:out/rfa.xml"]
            [tool.rfa.severity]
            RFA104 = "error"
            """
        )
    )

    settings = load_settings()

    assert settings == Settings(
        root=str(tmp_path),
        source=str(tmp_path / "pyproject.toml"),
        required_version=">=0.1",
        resolutions=(Resolution((64,)), Resolution((96, 128)), Resolution((16, 112, 112))),
        paths=("src/models",),
        exclude=("**/blocks.py",),
        factories=(
            FactorySettings("acme.models:resnet_small"),
            FactorySettings(
                "acme.models:unet",
                kwargs={"depth": 4},
                resolutions=(Resolution((128,)),),
            ),
            FactorySettings(
                "acme.models:other",
                input_shape=(1, "H", "W"),
                ignore=("RFA103",),
            ),
            FactorySettings(
                "acme.models:two",
                input_shape=((1, 3, "H", "W"), (1, "T"), (1,), ()),
            ),
        ),
        select=("RFA1", "ALL"),
        ignore=("RFA102",),
        extend_select=("RFA9",),
        severity={"RFA104": "error"},
        fail_on="warning",
        max_unproductive_parameters=0.05,
        judge_pointwise=False,
        judge_pooling=True,
        tie="productive",
        norm_statistics="global",
        reports=(("json", "rfa.json"), ("junit", "out/rfa.xml")),
    )


LOOKUPS = {
    "the hidden file wins over the others": (
        {".rfa.toml": "paths = ['.rfa']", "rfa.toml": "paths = ['rfa']"},
        (".rfa", "."),
    ),
    "rfa.toml wins over pyproject.toml": (
        {"rfa.toml": "paths = ['rfa']", "pyproject.toml": "[tool.rfa]\npaths = ['py']"},
        ("rfa", "."),
    ),
    "the closest wins, whatever its name": (
        {".rfa.toml": "paths = ['far']", "sub/pyproject.toml": "[tool.rfa]\npaths = ['near']"},
        ("near", "sub"),
    ),
    "a pyproject.toml without the table is passed over": (
        {"rfa.toml": "paths = ['far']", "sub/pyproject.toml": "[project]\nname = 'a'"},
        ("far", "."),
    ),
    "the keys may stand under the table in rfa.toml": (
        {"rfa.toml": "[tool.rfa]\npaths = ['rfa']\n[tool.other]\nx = 1"},
        ("rfa", "."),
    ),
}


@pytest.mark.parametrize(("files", "expected"), LOOKUPS.values(), ids=LOOKUPS)
def test_one_file_is_the_configuration_and_its_folder_the_root(files, expected, tmp_path):
    (tmp_path / "sub").mkdir()
    written(tmp_path, files)

    settings = load_settings(tmp_path / "sub")

    path, root = expected
    assert (settings.paths, settings.root) == ((path,), str((tmp_path / root).resolve()))


def test_a_pyproject_without_the_table_marks_the_root(tmp_path):
    (tmp_path / "sub/deep").mkdir(parents=True)
    (tmp_path / "sub/pyproject.toml").write_text("[project]\nname = 'acme'\n")

    settings = load_settings(tmp_path / "sub/deep")

    assert settings == Settings(root=str(tmp_path / "sub"))


def test_a_start_may_be_a_file(tmp_path):
    (tmp_path / "rfa.toml").write_text("tie = 'productive'\n")
    (tmp_path / "models.py").touch()

    settings = load_settings(tmp_path / "models.py")

    assert settings.tie == "productive"


def test_line_ends_of_windows_are_read(tmp_path):
    (tmp_path / "rfa.toml").write_bytes(b"tie = 'productive'\r\npaths = [\r\n'src',\r\n]\r\n")

    settings = load_settings()

    assert (settings.tie, settings.paths) == ("productive", ("src",))


def test_a_named_file_replaces_the_found_one_and_leaves_the_root(tmp_path):
    (tmp_path / "rfa.toml").write_text("paths = ['found']\ntie = 'productive'\n")
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci/strict.toml").write_text("[tool.rfa]\npaths = ['named']\n")

    settings = load_settings(config=["ci/strict.toml"])

    assert settings == Settings(
        root=str(tmp_path), source=str(tmp_path / "ci/strict.toml"), paths=("named",)
    )


def test_isolated_takes_overrides_but_no_file(tmp_path):
    (tmp_path / "rfa.toml").write_text("paths = ['found']\n")

    settings = load_settings(isolated=True, config=["tie = 'productive'"])

    assert settings == Settings(root=str(tmp_path), tie="productive")


def test_overrides_apply_in_the_order_file_then_config_then_command_line(tmp_path):
    (tmp_path / "rfa.toml").write_text(
        "resolutions = [1]\nfail-on = 'info'\ntie = 'productive'\nseverity.RFA101 = 'info'\n"
    )

    settings = load_settings(
        config=["resolutions = [2]", "fail-on = 'warning'", "severity.RFA102 = 'info'"],
        overrides={"resolutions": ["3"], "fail-on": None, "severity": {"RFA103": "error"}},
    )

    assert settings == Settings(
        root=str(tmp_path),
        source=str(tmp_path / "rfa.toml"),
        resolutions=(Resolution((3,)),),
        fail_on="warning",
        tie="productive",
        severity={"RFA101": "info", "RFA102": "info", "RFA103": "error"},
    )


def test_resolutions_of_the_command_line_replace_those_of_the_factories(tmp_path):
    (tmp_path / "rfa.toml").write_text("factories = [{target = 'a:b', resolutions = [128]}]\n")

    settings = load_settings(overrides={"resolutions": ["64"]})

    assert settings.resolutions == (Resolution((64,)),)
    assert settings.factories == (FactorySettings("a:b"),)


SELECTIONS = {
    "ignore is added": (
        {"ignore": ["RFA103"]},
        (("RFA1",), ("RFA102", "RFA103"), ("RFA2",)),
    ),
    "extend-select is added": (
        {"extend-select": ["RFA9"]},
        (("RFA1",), ("RFA102",), ("RFA2", "RFA9")),
    ),
    "select begins anew": ({"select": ["RFA102"]}, (("RFA102",), (), ())),
    "select begins anew, with an ignore": (
        {"select": ["RFA1"], "ignore": ["RFA103"]},
        (("RFA1",), ("RFA103",), ()),
    ),
}


@pytest.mark.parametrize(("overrides", "expected"), SELECTIONS.values(), ids=SELECTIONS)
def test_selections_of_the_command_line_refine_the_configured_ones(overrides, expected, tmp_path):
    (tmp_path / "rfa.toml").write_text(
        "select = ['RFA1']\nignore = ['RFA102']\nextend-select = ['RFA2']\n"
    )

    settings = load_settings(overrides=overrides)

    assert (settings.select, settings.ignore, settings.extend_select) == expected
