"""``rfa init``: what it writes, and what it leaves alone."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from rfa_core import __version__
from rfa_core.config import initial
from rfa_core.config.load import load_settings
from rfa_core.config.schema import KEYS
from rfa_core.config.settings import Settings

MODELS = """\
from torch import nn


def small(image_size=None) -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3))
"""
NAMES = ("pyproject.toml", "rfa.toml", initial.PRE_COMMIT_FILE, initial.WORKFLOW_FILE)
SNIPPETS = f"{initial.PRE_COMMIT_FILE}: created\n{initial.WORKFLOW_FILE}: created\n"
UNSET = (
    "\n"
    "No resolution is set, and nothing is judged without one. Uncomment `# resolutions = [64]` {}\n"
    "with the pixels of your images, or give them each time: rfa check --res 64\n"
)
IN_PYPROJECT = UNSET.format("under [tool.rfa] in pyproject.toml")


@pytest.fixture
def rfa(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "models.py").write_text(MODELS)

    def run(*arguments, folder="."):
        return subprocess.run(
            [sys.executable, "-m", "rfa_core", "init", *arguments],
            cwd=tmp_path / folder,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def written(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in NAMES if (folder / name).exists()}


def table() -> str:
    return f"{initial.HEADER}\n{initial.table(['models.py::small'], initial.Sizes())}"


BEFORE = {
    "a usual one": (
        b"[project]\nname = 'acme'\n",
        b"[project]\nname = 'acme'\n\n",
        ". torch",
    ),
    "no line end": (b"[project]\nname = 'acme'", b"[project]\nname = 'acme'\n\n", ". torch"),
    "an empty one": (b"", b"", "torch"),
    "other tools": (b"[tool.other]\nx = 1\n", b"[tool.other]\nx = 1\n\n", "torch"),
}


@pytest.mark.parametrize(("before", "kept", "install"), BEFORE.values(), ids=BEFORE)
def test_the_table_is_appended_and_all_else_is_kept(rfa, tmp_path, before, kept, install):
    (tmp_path / "pyproject.toml").write_bytes(before)

    result = rfa()

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"pyproject.toml: [tool.rfa] added\n{SNIPPETS}{IN_PYPROJECT}"
    assert written(tmp_path) == {
        "pyproject.toml": kept + table().encode(),
        initial.PRE_COMMIT_FILE: initial.pre_commit(__version__).encode(),
        initial.WORKFLOW_FILE: initial.workflow(install).encode(),
    }


def test_line_ends_of_windows_stay_and_are_continued(rfa, tmp_path):
    before = b"[project]\r\nname = 'acme'\r\n"
    (tmp_path / "pyproject.toml").write_bytes(before)

    rfa()

    expected = f"\n{table()}".replace("\n", "\r\n").encode()
    assert (tmp_path / "pyproject.toml").read_bytes() == before + expected


def test_without_a_pyproject_a_file_of_its_own_is_made(rfa, tmp_path):
    (tmp_path / "requirements.txt").write_text("torch==2.3\n")

    result = rfa()

    assert result.stdout == f"rfa.toml: created\n{SNIPPETS}{UNSET.format('in rfa.toml')}"
    assert written(tmp_path) == {
        "rfa.toml": initial.file(["models.py::small"], initial.Sizes()).encode(),
        initial.PRE_COMMIT_FILE: initial.pre_commit(__version__).encode(),
        initial.WORKFLOW_FILE: initial.workflow("-r requirements.txt").encode(),
    }


def test_a_pyproject_that_cannot_be_extended_is_left_alone(rfa, tmp_path):
    (tmp_path / "pyproject.toml").write_text("tool = { other = { x = 1 } }\n")

    result = rfa()

    assert result.stdout.startswith("rfa.toml: created\n")
    assert (tmp_path / "pyproject.toml").read_text() == "tool = { other = { x = 1 } }\n"


def test_a_second_run_changes_nothing(rfa, tmp_path):
    (tmp_path / "pyproject.toml").touch()
    rfa()
    before = written(tmp_path)

    result = rfa()

    assert (result.returncode, result.stdout) == (
        0,
        "pyproject.toml: has [tool.rfa], left as it is\n"
        ".pre-commit-config.yaml: has pytest-rfa/pytest-rfa, left as it is\n"
        ".github/workflows/rfa.yml: has pytest-rfa/pytest-rfa, left as it is\n"
        + IN_PYPROJECT.replace("Uncomment `# ", "Write `"),
    )
    assert written(tmp_path) == before


def test_files_that_are_there_are_not_touched_and_their_part_is_printed(rfa, tmp_path):
    (tmp_path / ".rfa.toml").write_text("resolutions = [64]\n")
    (tmp_path / initial.PRE_COMMIT_FILE).write_text("repos: []\n")

    result = rfa()

    assert result.stdout == (
        ".rfa.toml: is there, left as it is\n"
        ".pre-commit-config.yaml: left as it is; what it needs:\n"
        "\n"
        "    - repo: https://github.com/pytest-rfa/pytest-rfa\n"
        f"      rev: v{__version__}\n"
        "      hooks:\n"
        "        - id: rfa\n"
        "        - id: rfa-config\n"
        "\n"
        ".github/workflows/rfa.yml: created\n"
    )
    assert (tmp_path / initial.PRE_COMMIT_FILE).read_text() == "repos: []\n"


def test_a_dry_run_prints_and_writes_nothing(rfa, tmp_path):
    result = rfa("--dry-run")

    assert result.returncode == 0
    assert [line for line in result.stdout.splitlines() if line and line[0] != " "] == [
        "rfa.toml: would be created:",
        ".pre-commit-config.yaml: would be created:",
        ".github/workflows/rfa.yml: would be created:",
        *UNSET.format("in rfa.toml").splitlines()[1:],
    ]
    assert '  #   "models.py::small",\n' in result.stdout
    assert written(tmp_path) == {}


def test_a_project_inside_a_repository_gets_its_snippets_printed(rfa, tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part/pyproject.toml").touch()

    result = rfa(folder="part")

    assert result.stdout.startswith(
        "pyproject.toml: [tool.rfa] added\n"
        f"{tmp_path}/.pre-commit-config.yaml: left as it is; what it needs:\n"
    )
    assert list(written(tmp_path)) == []


def test_a_broken_pyproject_is_an_error_and_nothing_is_written(rfa, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project\n")

    result = rfa()

    assert (result.returncode, result.stdout) == (2, "")
    assert "pyproject.toml:1:9: expected TOML" in result.stderr
    assert list(written(tmp_path)) == ["pyproject.toml"]


def test_every_line_that_is_commented_out_is_valid(tmp_path):
    text = initial.table(["acme:one", "acme:two"], initial.Sizes([96, 224]))
    keys = re.findall(r"^# ([a-z-]+ = .*|  .*|\])$", text, re.MULTILINE)
    (tmp_path / "rfa.toml").write_text("\n".join(keys))

    settings = load_settings(tmp_path)

    assert [entry.target for entry in settings.factories] == ["acme:one", "acme:two"]
    assert [resolution.sizes for resolution in settings.resolutions] == [(96,), (224,)]
    default = Settings()
    names = [field.name for field in fields(default)]
    unset = [name for name in names if getattr(settings, name) == getattr(default, name)]
    assert unset == ["ignores", "marks", "draws"]


def test_every_key_is_explained_in_words_alone():
    text = initial.table(["acme:one"], initial.Sizes([96, 224]))

    explained = set(re.findall(r"^# ([a-z-]+) = ", text, re.MULTILINE))
    assert explained == set(KEYS)
    assert "](" not in text


def test_what_is_written_is_a_configuration_without_a_change(tmp_path):
    (tmp_path / "rfa.toml").write_text(initial.file(["acme:one"], initial.Sizes([64])))

    settings = load_settings(tmp_path)

    root, source = str(tmp_path), str(tmp_path / "rfa.toml")
    assert settings == Settings(root=root, source=source)


TRAINING = """\
from torchvision.transforms import RandomCrop

SIZE = 32
train = [RandomCrop(SIZE, padding=4)]
"""


def test_what_training_crops_to_is_taken_and_named(rfa, tmp_path):
    (tmp_path / "train.py").write_text(TRAINING)

    result = rfa()

    settings = load_settings(tmp_path)
    assert result.stdout == (
        f"rfa.toml: created\n{SNIPPETS}\n"
        "resolutions = [32], since RandomCrop in train.py:4 says so. Next: rfa check\n"
    )
    assert [resolution.sizes for resolution in settings.resolutions] == [(32,)]
    assert "pip install torch torchvision\n" in (tmp_path / initial.WORKFLOW_FILE).read_text()


def test_resolutions_that_are_given_are_written(rfa, tmp_path):
    (tmp_path / "train.py").write_text(TRAINING)

    result = rfa("--res", "64", "--res=96x128")

    settings = load_settings(tmp_path)
    assert result.stdout == f"rfa.toml: created\n{SNIPPETS}\nNext: rfa check\n"
    assert [resolution.sizes for resolution in settings.resolutions] == [(64,), (96, 128)]


def test_a_configuration_that_is_there_is_told_what_it_lacks(rfa, tmp_path):
    (tmp_path / "rfa.toml").write_text('paths = ["."]\n')

    result = rfa("--res", "64")

    assert result.stdout.startswith(
        "rfa.toml: is there, left as it is; what it needs:\n\n  resolutions = [64]\n\n"
    )
    assert (tmp_path / "rfa.toml").read_text() == 'paths = ["."]\n'


def test_models_that_are_marked_with_a_resolution_need_no_other(rfa, tmp_path):
    mark = "import rfa_core\n\n@rfa_core.model(res=64)\ndef small("
    (tmp_path / "models.py").write_text(MODELS.replace("def small(", mark))

    result = rfa()

    assert result.stdout == f"rfa.toml: created\n{SNIPPETS}\nNext: rfa check\n"


def test_a_project_without_models_is_told_where_to_look(rfa, tmp_path):
    (tmp_path / "models.py").write_text("import keras\n")

    result = rfa()

    assert result.stdout == (
        f"rfa.toml: created\n{SNIPPETS}\n"
        "No model found: `rfa list` says why. Name yours as `factories` in rfa.toml.\n"
    )
    assert "pip install tensorflow\n" in (tmp_path / initial.WORKFLOW_FILE).read_text()


def test_a_resolution_that_is_none_is_an_error_and_nothing_is_written(rfa, tmp_path):
    result = rfa("--res", "wide")

    assert (result.returncode, result.stdout) == (2, "")
    assert "'wide' is not a resolution" in result.stderr
    assert written(tmp_path) == {}


def test_the_snippets_are_yaml_of_the_right_form():
    hooks = yaml.safe_load(initial.pre_commit("1.2.3"))
    steps = yaml.safe_load(initial.workflow("."))["jobs"]["rfa"]["steps"]

    assert hooks == {
        "repos": [
            {
                "repo": "https://github.com/pytest-rfa/pytest-rfa",
                "rev": "v1.2.3",
                "hooks": [{"id": "rfa"}, {"id": "rfa-config"}],
            }
        ]
    }
    assert [step.get("run") or step["uses"].partition("@")[0] for step in steps] == [
        "actions/checkout",
        "actions/setup-python",
        "python -m pip install .",
        "pytest-rfa/pytest-rfa",
    ]
