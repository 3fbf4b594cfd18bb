"""``rfa config``: the effective settings, and where each came from."""

import json
from dataclasses import replace
from functools import partial

import projects
import pytest

from rfa_core import __version__
from rfa_core.config.load import load_settings

ENTRIES = (
    'factories = ["acme:one", { target = "acme:two", kwargs = { depth = 4 }, ignore = ["RFA103"] }]'
)
FILE = f"""\
[project]
name = "acme"

[tool.rfa]
resolutions = [64, "96x128"]
{ENTRIES}
ignore = ["RFA102"]
severity.RFA101 = "info"
reports = ["json:rfa.json"]
"""

SHOWN = """\
# project root: {root}
# configuration file: {root}/pyproject.toml
# environment: RFA_OUTPUT_FORMAT=json
[tool.rfa]
# required-version: any  # default
resolutions = [32]  # command line
paths = []  # default
exclude = []  # default
{entries}  # pyproject.toml:6, command line
select = ["RFA1", "RFA201", "RFA202", "RFA9"]  # default
ignore = ["RFA102", "RFA104"]  # pyproject.toml:7, command line
extend-select = []  # default
severity = {{ RFA101 = "info", RFA103 = "error" }}  # pyproject.toml:8, --config
per-model-ignores = {{}}  # default
baseline = ".rfa-baseline.json"  # default
fail-on = "error"  # default
# max-unproductive-parameters: off  # default
judge-pointwise = true  # default
judge-pooling = false  # default
tie = "productive"  # --config
norm-statistics = "local"  # default
reports = ["json:rfa.json"]  # pyproject.toml:9
cache-dir = ".rfa_cache"  # default
plugins = []  # default
"""

OPTIONS = [
    "--res=32",
    "--ignore=RFA104",
    "--config=tie = 'productive'",
    "--config=severity.RFA103 = 'error'",
]


@pytest.fixture
def rfa(tmp_path, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("RFA_OUTPUT_FORMAT", "json")
    (tmp_path / "pyproject.toml").write_text(FILE)

    return partial(projects.rfa, tmp_path, "config")


def test_every_value_is_shown_with_its_origin(rfa, tmp_path):
    result = rfa(*OPTIONS)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == SHOWN.format(root=tmp_path, entries=ENTRIES)


def test_what_is_shown_can_be_pasted(rfa, tmp_path, monkeypatch):
    shown = rfa(*OPTIONS).stdout
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pyproject.toml").write_text(shown)
    monkeypatch.chdir(tmp_path)

    pasted = load_settings(elsewhere)

    meant = load_settings(
        config=["tie = 'productive'", "severity.RFA103 = 'error'"],
        overrides={"resolutions": ["32"], "ignore": ["RFA104"]},
    )
    assert pasted == replace(meant, root=pasted.root, source=pasted.source)


def test_json_has_the_same(rfa, tmp_path):
    content = json.loads(rfa("--format=json", *OPTIONS).stdout)

    assert {key: content[key] for key in ("version", "root", "file", "environment")} == {
        "version": 1,
        "root": str(tmp_path),
        "file": str(tmp_path / "pyproject.toml"),
        "environment": {"RFA_OUTPUT_FORMAT": "json"},
    }
    assert content["settings"]["required-version"] == {"value": None, "origin": "default"}
    assert content["settings"]["severity"] == {
        "value": {"RFA101": "info", "RFA103": "error"},
        "origin": "pyproject.toml:8, --config",
    }


def test_mistakes_of_every_source_come_at_once_and_exit_with_2(rfa, tmp_path):
    (tmp_path / "rfa.toml").write_text(
        "required-version = '>=99'\nresolution = [64]\npaths = [1]\nreports = ['x']\n"
    )

    result = rfa("--config", "tie = 1", "--fail-on", "all")

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "rfa: error: mistakes in the settings:\n"
        f"rfa.toml:1: required-version: expected rfa >=99, found {__version__}; install a version "
        "that fits\n"
        "rfa.toml:2: resolution: unknown key; did you mean 'resolutions'?\n"
        "rfa.toml:3: paths[0]: expected a string that is not empty, found 1\n"
        "rfa.toml:4: reports[0]: expected FORMAT:PATH as 'json:rfa.json', found 'x'\n"
        "--config: tie: expected one of 'unproductive', 'productive', found 1\n"
        "command line: fail-on: expected one of 'error', 'warning', 'info', 'never', found 'all'\n"
    )


def test_a_named_file_and_no_file_at_all(rfa, tmp_path):
    (tmp_path / "ci.toml").write_text("tie = 'productive'\n")

    named, isolated = rfa("--config=ci.toml"), rfa("--isolated")

    assert 'tie = "productive"  # ci.toml:1\n' in named.stdout
    assert f"# configuration file: {tmp_path}/ci.toml\n" in named.stdout
    assert "# configuration file: none\n" in isolated.stdout
    assert "pyproject.toml:" not in isolated.stdout


def test_a_format_that_the_environment_has_wrong_is_named(rfa, monkeypatch):
    monkeypatch.setenv("RFA_OUTPUT_FORMAT", "yaml")

    result = rfa()

    assert result.returncode == 2
    assert result.stderr.startswith(
        "rfa: error: environment variable RFA_OUTPUT_FORMAT: expected one of full, "
    )
