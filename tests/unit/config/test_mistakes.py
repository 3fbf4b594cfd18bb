from textwrap import dedent

import pytest
from jsonschema import Draft7Validator

from rfa_core import __version__
from rfa_core.config.json_schema import schema
from rfa_core.config.load import load_settings
from rfa_core.config.toml import loads
from rfa_core.errors import ConfigurationError
from rfa_core.formats import FORMATS

RESOLUTION = "expected 1 to 1000000 pixels, as 64 or '64x96' (one number per axis)"
LEVELS = "expected one of 'error', 'warning', 'info'"
SHAPE = "expected sizes with each axis by name in its place, as [1, 3, 'H', 'W']"
RULE = "expected a rule's code or its beginning, as 'RFA101' or 'RFA1'"
KEYS = (
    "baseline, cache-dir, exclude, extend-select, factories, fail-on, ignore, judge-pointwise, "
    "judge-pooling, max-unproductive-parameters, norm-statistics, paths, per-model-ignores, "
    "plugins, reports, required-version, resolutions, select, severity, tie"
)

MISTAKES = {
    "resolution = 64": "resolution: unknown key; did you mean 'resolutions'?",
    "FAIL-ON = 'error'": "FAIL-ON: unknown key; did you mean 'fail-on'?",
    "zzz = 1": f"zzz: unknown key; the keys are {KEYS}",
    "resolutions = 64": "resolutions: expected a list, as [64], found 64",
    "resolutions = [0]": f"resolutions[0]: {RESOLUTION}, found 0",
    "resolutions = [64, '64x']": f"resolutions[1]: {RESOLUTION}, found '64x'",
    "resolutions = ['abc']": f"resolutions[0]: {RESOLUTION}, found 'abc'",
    "resolutions = [-1]": f"resolutions[0]: {RESOLUTION}, found -1",
    "resolutions = [true]": f"resolutions[0]: {RESOLUTION}, found true",
    "resolutions = [6.5]": f"resolutions[0]: {RESOLUTION}, found 6.5",
    "resolutions = ['64x0']": f"resolutions[0]: {RESOLUTION}, found '64x0'",
    "paths = 'src'": "paths: expected a list, as ['src'], found 'src'",
    "paths = ['']": "paths[0]: expected a string that is not empty, found ''",
    "exclude = [1]": "exclude[0]: expected a string that is not empty, found 1",
    "select = ['RFA111']": f"select[0]: {RULE}, found 'RFA111'; did you mean 'RFA101'?",
    "select = ['R']": f"select[0]: {RULE}, found 'R'",
    "ignore = ['rfa101']": f"ignore[0]: {RULE}, found 'rfa101'; did you mean 'RFA101'?",
    "extend-select = [['RFA1']]": f"extend-select[0]: {RULE}, found ['RFA1']",
    "severity = 'error'": "severity: expected a table, found 'error'",
    "severity = {RFA101 = 'eror'}": f"severity.RFA101: {LEVELS}, found 'eror'; "
    "did you mean 'error'?",
    "severity = {RFA1011 = 'error'}": "severity.RFA1011: unknown key; did you mean 'RFA101'?",
    "fail-on = 'errors'": f"fail-on: {LEVELS}, 'never', found 'errors'; did you mean 'error'?",
    "fail-on = 2": f"fail-on: {LEVELS}, 'never', found 2",
    "max-unproductive-parameters = 1.5": "max-unproductive-parameters: "
    "expected a number from 0 to 1, found 1.5",
    "max-unproductive-parameters = true": "max-unproductive-parameters: "
    "expected a number from 0 to 1, found true",
    "max-unproductive-parameters = nan": "max-unproductive-parameters: "
    "expected a number from 0 to 1, found nan",
    "judge-pointwise = 'yes'": "judge-pointwise: expected true or false, found 'yes'",
    "judge-pooling = 1": "judge-pooling: expected true or false, found 1",
    "tie = 'strict'": "tie: expected one of 'unproductive', 'productive', found 'strict'",
    "norm-statistics = 'locale'": "norm-statistics: expected one of 'local', 'global', "
    "found 'locale'; did you mean 'local'?",
    "required-version = '>=99'": "required-version: expected rfa >=99, "
    f"found {__version__}; install a version that fits",
    "required-version = 'new'": "required-version: expected versions as '>=0.1', found 'new'",
    "required-version = 1": "required-version: expected versions as '>=0.1', found 1",
    "required-version = ''": "required-version: expected versions as '>=0.1', found ''",
    "plugins = 'acme'": "plugins: expected a list, as ['acme'], found 'acme'",
    "plugins = ['acme/rfa.py']": "plugins[0]: expected a module by its dotted name, "
    "as 'acme.rfa_plugin', found 'acme/rfa.py'",
    "plugins = [1]": "plugins[0]: expected a module by its dotted name, "
    "as 'acme.rfa_plugin', found 1",
    "baseline = ''": "baseline: expected a string that is not empty, found ''",
    "baseline = false": "baseline: expected a string that is not empty, found false",
    "per-model-ignores = ['RFA1']": "per-model-ignores: expected a table, found ['RFA1']",
    "per-model-ignores = {'a:*' = 'RFA1'}": (
        "per-model-ignores.a:*: expected a list, as ['RFA1'], found 'RFA1'"
    ),
    "per-model-ignores = {'a:*' = ['X']}": f"per-model-ignores.a:*[0]: {RULE}, found 'X'",
    "reports = 'json:rfa.json'": (
        "reports: expected a list, as ['json:rfa.json'], found 'json:rfa.json'"
    ),
    "reports = ['rfa.json']": "reports[0]: expected FORMAT:PATH as 'json:rfa.json', "
    "found 'rfa.json'",
    "reports = ['json: ']": "reports[0]: expected FORMAT:PATH as 'json:rfa.json', found 'json: '",
    "reports = [3]": "reports[0]: expected FORMAT:PATH as 'json:rfa.json', found 3",
    "reports = ['jsn:rfa.json']": "reports[0]: expected one of the formats "
    f"{', '.join(FORMATS)}, found 'jsn'; did you mean 'json'?",
    "reports = ['json:a', 'junit:a']": "reports: 2 reports go to 'a'; give each a file of its own",
    "cache-dir = 1": "cache-dir: expected a string that is not empty, found 1",
    "factories = ['']": "factories[0]: expected a string that is not empty, found ''",
    "factories = [3]": "factories[0]: expected a string that is not empty, found 3",
    "factories = [{}]": "factories[0]: expected the key 'target', found none",
    "factories = [{target = 'a:b', kwarg = {}}]": "factories[0].kwarg: unknown key; "
    "did you mean 'kwargs'?",
    "factories = [{target = 'a:b', kwargs = 1}]": "factories[0].kwargs: expected a table, found 1",
    "factories = [{target = 'a:b', resolutions = [0]}]": "factories[0].resolutions[0]: "
    f"{RESOLUTION}, found 0",
    "factories = [{target = 'a:b', ignore = ['X']}]": f"factories[0].ignore[0]: {RULE}, found 'X'",
    "factories = [{target = 'a:b', input-shape = []}]": f"factories[0].input-shape: {SHAPE}, "
    "found []",
    "factories = [{target = 'a:b', input-shape = 3}]": f"factories[0].input-shape: {SHAPE}, "
    "found 3",
    "factories = [{target = 'a:b', input-shape = [1, 3, 224, 224]}]": "factories[0].input-shape: "
    f"{SHAPE}, found [1, 3, 224, 224]",
    "factories = [{target = 'a:b', input-shape = [1, 'H', 'H']}]": "factories[0].input-shape: "
    f"{SHAPE}, found [1, 'H', 'H']",
    "factories = [{target = 'a:b', input-shape = [-1, 3, 'H', 'W']}]": "factories[0]."
    "input-shape[0]: expected a size above 0 or one of D, H, W, T, found -1",
    "factories = [{target = 'a:b', input-shape = [1, 'C', 'H']}]": "factories[0]."
    "input-shape[1]: expected a size above 0 or one of D, H, W, T, found 'C'",
    "factories = [{target = 'a:b', input-shape = [[1], [3, 4]]}]": "factories[0].input-shape: "
    "expected an axis by name in one of the shapes, as [[1, 3, 'H', 'W'], [1]], "
    "found [[1], [3, 4]]",
    "factories = [{target = 'a:b', input-shape = [[1, 'H'], [2, 'T', 'T']]}]": "factories[0]."
    f"input-shape[1]: {SHAPE}, found [2, 'T', 'T']",
    "factories = [{target = 'a:b', input-shape = [[1, 'H'], [0]]}]": "factories[0]."
    "input-shape[1][0]: expected a size above 0 or one of D, H, W, T, found 0",
    "factories = [{target = 'a:b', input-shape = [[1, 'H'], 3]}]": "factories[0]."
    f"input-shape: {SHAPE}, found [[1, 'H'], 3]",
    """factories = ["a:b", { target = "a:b", kwargs = { c = 1 } }]""": (
        "factories: a:b stands in 2 entries; a report could not tell them apart: give each its "
        "own factory"
    ),
}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("line", "message"), MISTAKES.items(), ids=MISTAKES)
def test_a_mistake_says_what_was_expected_and_found(line, message, tmp_path):
    (tmp_path / "rfa.toml").write_text(f"{line}\n")

    with pytest.raises(ConfigurationError) as error:
        load_settings()

    assert str(error.value) == f"rfa.toml:1: {message}"


BEYOND_A_SCHEMA = {
    "select = ['RFA111']",
    "max-unproductive-parameters = nan",
    "required-version = '>=99'",
    "reports = ['json:a', 'junit:a']",
    "factories = [{target = 'a:b', input-shape = [1, 'H', 'H']}]",
    "factories = [{target = 'a:b', input-shape = [[1, 'H'], [2, 'T', 'T']]}]",
    """factories = ["a:b", { target = "a:b", kwargs = { c = 1 } }]""",
}


def test_the_json_schema_refuses_the_same():
    validator = Draft7Validator(schema())

    missed = {line for line in MISTAKES if validator.is_valid(loads(line))}

    assert missed == BEYOND_A_SCHEMA


def test_all_mistakes_come_at_once_in_the_order_of_their_lines(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        dedent(
            """\
            [project]
            name = "acme"
            [tool.rfa]
            factories = [
              "acme:one",
              { target = "acme:two", input-shape = [0, "H"] },
              {},
            ]
            resolutionss = [64]
            fail-on = "eror"
            [tool.rfa.severity]
            RFA101 = "fatal"
            """
        )
    )

    with pytest.raises(ConfigurationError) as error:
        load_settings(config=["tie = 1"], overrides={"resolutions": ["64x", "a"], "select": ["X"]})

    assert str(error.value).splitlines() == [
        "pyproject.toml:6: factories[1].input-shape[0]: expected a size above 0 or one of "
        "D, H, W, T, found 0",
        "pyproject.toml:7: factories[2]: expected the key 'target', found none",
        "pyproject.toml:9: resolutionss: unknown key; did you mean 'resolutions'?",
        f"pyproject.toml:10: fail-on: {LEVELS}, 'never', found 'eror'; did you mean 'error'?",
        f"pyproject.toml:12: severity.RFA101: {LEVELS}, found 'fatal'",
        "--config: tie: expected one of 'unproductive', 'productive', found 1",
        f"command line: resolutions[0]: {RESOLUTION}, found '64x'",
        f"command line: resolutions[1]: {RESOLUTION}, found 'a'",
        f"command line: select[0]: {RULE}, found 'X'",
    ]


def test_a_section_that_is_no_table_is_refused(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool]\n\nrfa = 3\n")

    with pytest.raises(ConfigurationError) as error:
        load_settings()

    assert str(error.value) == "pyproject.toml:3: tool.rfa: expected a table, found 3"


def test_a_key_at_both_places_is_refused(tmp_path):
    (tmp_path / "rfa.toml").write_text("tie = 'productive'\n[tool.rfa]\ntie = 'productive'\n")

    with pytest.raises(ConfigurationError) as error:
        load_settings()

    assert str(error.value) == (
        "rfa.toml:3: tie: stands at the top and in [tool.rfa]; keep one of them"
    )


BROKEN = {
    "a value without quotes": ("[tool.rfa]\ntie = strict\n", "2:7", "Invalid value"),
    "a list without an end": ("paths = [\n'a',\n", "3:1", "Invalid value"),
    "a key given twice": ("tie = 'a'\ntie = 'b'\n", "2:10", "Cannot overwrite a value"),
}


@pytest.mark.parametrize(("text", "place", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_not_toml_is_one_error_with_its_place(text, place, reason, tmp_path):
    (tmp_path / "pyproject.toml").write_text(text)

    with pytest.raises(ConfigurationError) as error:
        load_settings()

    head, hint = str(error.value).splitlines()
    assert head.startswith(f"pyproject.toml:{place}: expected TOML, found: {reason}")
    assert hint == "  mend the file at this place; https://toml.io describes the format"


def test_a_file_that_is_not_utf_8_is_one_error_with_its_line(tmp_path):
    (tmp_path / "rfa.toml").write_bytes(b"# line\n# caf\xe9\n")

    with pytest.raises(ConfigurationError) as error:
        load_settings()

    assert str(error.value) == (
        "rfa.toml:2: expected UTF-8, found the byte 0xe9\n  save the file as UTF-8"
    )


def test_a_config_argument_that_is_neither_a_file_nor_an_override_is_refused():
    with pytest.raises(ConfigurationError) as error:
        load_settings(config=["fail-on = warning"])

    assert str(error.value) == (
        "--config: expected a TOML file or 'key = value', found 'fail-on = warning'\n"
        "  check the path; in an override, quote strings: --config 'fail-on = \"warning\"'"
    )


def test_two_config_files_are_refused(tmp_path):
    for name in ("one.toml", "two.toml"):
        (tmp_path / name).touch()

    with pytest.raises(ConfigurationError) as error:
        load_settings(config=["one.toml", "two.toml"])

    assert str(error.value) == "--config: expected one file, found one.toml and two.toml"


def test_a_config_file_contradicts_isolated(tmp_path):
    (tmp_path / "one.toml").touch()

    with pytest.raises(ConfigurationError) as error:
        load_settings(config=["one.toml"], isolated=True)

    assert str(error.value) == (
        "--isolated: expected no configuration file, found --config one.toml\n"
        "  leave one of the two out"
    )


def test_a_pyproject_named_as_configuration_needs_the_table(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'acme'\n")

    with pytest.raises(ConfigurationError) as error:
        load_settings(config=["pyproject.toml"])

    assert str(error.value) == "pyproject.toml: expected a table [tool.rfa], found none"
