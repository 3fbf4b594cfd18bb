import pytest

from rfa_core.config.load import load


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


CASES = {
    "nothing is set": ("", [], {}, {}),
    "each key of a file has its line": (
        "[tool.rfa]\npaths = [\n'src',\n]\ntie = 'productive'\n",
        [],
        {},
        {"paths": "rfa.toml:2", "tie": "rfa.toml:5"},
    ),
    "the later source wins": (
        "tie = 'productive'\nfail-on = 'info'\nresolutions = [1]\n",
        ["tie = 'unproductive'"],
        {"resolutions": ["64"], "fail-on": None},
        {"tie": "--config", "fail-on": "rfa.toml:2", "resolutions": "command line"},
    ),
    "severities add up": (
        "[severity]\nRFA101 = 'info'\n",
        ["severity.RFA102 = 'info'"],
        {"severity": {"RFA103": "error"}},
        {"severity": "rfa.toml:1, --config, command line"},
    ),
    "ignored rules of the command line are added": (
        "ignore = ['RFA102']\nextend-select = ['RFA3']\n",
        [],
        {"ignore": ["RFA103"]},
        {"ignore": "rfa.toml:1, command line", "extend-select": "rfa.toml:2"},
    ),
    "a selection of the command line sets the configured ones aside": (
        "ignore = ['RFA102']\nextend-select = ['RFA3']\n",
        [],
        {"select": ["RFA1"], "ignore": ["RFA103"]},
        {"select": "command line", "ignore": "command line", "extend-select": "command line"},
    ),
    "resolutions of the command line change the factories": (
        "factories = [{target = 'a:b', resolutions = [128]}]\n",
        [],
        {"resolutions": ["64"]},
        {"resolutions": "command line", "factories": "rfa.toml:1, command line"},
    ),
}


@pytest.mark.parametrize(("file", "config", "given", "expected"), CASES.values(), ids=CASES)
def test_every_value_knows_where_it_came_from(file, config, given, expected, tmp_path):
    (tmp_path / "rfa.toml").write_text(file)

    loaded = load(config=config, overrides=given)

    assert loaded.origins == expected
