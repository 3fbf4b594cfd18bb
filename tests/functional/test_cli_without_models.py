"""The command as users start it, where no framework is needed."""

import json
import os
from functools import partial
from pathlib import Path

import projects
import pytest

from rfa_core import __version__
from rfa_core.cli.manual import FOLDER
from rfa_core.cli.pages import pages
from rfa_core.formats import FORMATS
from rfa_core.rules import RULES

COMMANDS = (
    "baseline",
    "cache",
    "check",
    "config",
    "diff",
    "init",
    "list",
    "range",
    "rank",
    "rule",
    "show",
    "suggest",
    "sweep",
    "verify",
)
HEAVY = {"numpy", "rich", "torch", "junit_xml", "pytest", "importlib.metadata", "dataclasses"}
SLOW = {"pathlib", "typing", "shutil", "textwrap", "contextlib", "importlib", "json", "subprocess"}


@pytest.fixture
def rfa(tmp_path):
    (tmp_path / ".git").mkdir()
    return partial(projects.rfa, tmp_path)


def test_version(rfa):
    result = rfa("--version")

    assert (result.returncode, result.stdout) == (0, f"rfa {__version__}\n")


def test_help_lists_the_commands(rfa):
    result = rfa("--help")

    assert result.returncode == 0
    assert [line.split()[0] for line in result.stdout.splitlines()[-len(COMMANDS) - 3 : -2]] == [
        "commands:",
        *COMMANDS,
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help(rfa, command):
    result = rfa(command, "--help")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"usage: rfa {command} [OPTIONS]")


def test_the_pages_of_help_are_in_step_with_the_options():
    written = {file.name: file.read_text(encoding="utf-8") for file in Path(FOLDER).iterdir()}

    assert written == pages(), "run python -m rfa_core.cli.pages"


def test_help_is_as_wide_as_a_narrow_terminal_and_says_the_same(rfa):
    narrow, wide = (
        rfa("check", "--help", env={**os.environ, "COLUMNS": columns}).stdout
        for columns in ("60", "200")
    )

    assert max(map(len, wide.splitlines())) in range(70, 81)
    assert max(map(len, narrow.splitlines())) in range(50, 61)
    assert sorted(narrow.split()) == sorted(wide.split())


DOOR = {
    "rfa_core",
    *(f"rfa_core.{name}" for name in ("cli", "cli.exits", "cli.manual", "cli.messages", "errors")),
}


@pytest.mark.parametrize(
    "arguments", [["--version"], ["check", "--help"], ["--help"]], ids=" ".join
)
def test_no_more_is_imported_than_needed_for(checkout, tmp_path, arguments):
    code = (
        f"import sys; sys.path.insert(0, {str(checkout)!r})\nusual = set(sys.modules)\n"
        f"from rfa_core.cli import main\nmain({arguments})\n"
        "print(*sorted(sys.modules.keys() - usual), file=sys.stderr)"
    )

    result = projects.python(tmp_path, "-I", "-S", "-c", code)

    found = set(result.stderr.split())
    assert {name for name in found if name.startswith("rfa_core")} == DOOR
    assert found & (HEAVY | SLOW) == set()


LEVELS = "'error', 'warning', 'info', 'never'"
BAD = {
    "": (
        f"no command given; expected one of {', '.join(COMMANDS)}\n"
        "  `rfa --help` lists what is possible"
    ),
    "chek": (
        f"argument COMMAND: expected one of {', '.join(COMMANDS)}, "
        "found 'chek'; did you mean 'check'?\n  `rfa --help` lists what is possible"
    ),
    "--verison": (
        "unknown option '--verison'; did you mean '--version'?\n"
        "  `rfa --help` lists what is possible"
    ),
    "check --fail-onn=error": (
        "unknown option '--fail-onn=error'; did you mean '--fail-on'?\n"
        "  `rfa check --help` lists what is possible"
    ),
    "check --resolution 64": (
        "unknown option '--resolution'; did you mean '--res'?\n"
        "  `rfa check --help` lists what is possible"
    ),
    "check --output-format jsn": (
        f"argument --output-format: expected one of {', '.join(FORMATS)}, "
        "found 'jsn'; did you mean 'json'?\n  `rfa check --help` lists what is possible"
    ),
    "check --report out.json": (
        "argument --report: expected FORMAT:PATH as json:rfa.json, found 'out.json'\n"
        "  `rfa check --help` lists what is possible"
    ),
    "check --severity RFA104": (
        "argument --severity: expected CODE=LEVEL as RFA104=error, found 'RFA104'\n"
        "  `rfa check --help` lists what is possible"
    ),
    "show": (
        "the following arguments are required: TARGET\n  `rfa show --help` lists what is possible"
    ),
    "baseline": (
        "the following arguments are required: ACTION\n"
        "  `rfa baseline --help` lists what is possible"
    ),
    "rule RFA101 RFA102": ("unknown argument 'RFA102'\n  `rfa rule --help` lists what is possible"),
    "rule RFA111": "there is no rule 'RFA111'\n  did you mean RFA101?",
    "check --config none.toml": (
        "mistakes in the settings:\n"
        "--config: expected a TOML file or 'key = value', found 'none.toml'\n"
        "  check the path; in an override, quote strings: --config 'fail-on = \"warning\"'"
    ),
    "check --res 0,64x --fail-on eror --severity RFA101=fatal": (
        "mistakes in the settings:\n"
        "command line: resolutions[0]: expected 1 to 1000000 pixels, as 64 or '64x96' "
        "(one number per axis), found '0'\n"
        "command line: resolutions[1]: expected 1 to 1000000 pixels, as 64 or '64x96' "
        "(one number per axis), found '64x'\n"
        "command line: severity.RFA101: expected one of 'error', 'warning', 'info', found 'fatal'\n"
        f"command line: fail-on: expected one of {LEVELS}, found 'eror'; did you mean 'error'?"
    ),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.items(), ids=BAD)
def test_a_bad_command_line_is_one_message_and_exit_code_2(rfa, arguments, message):
    result = rfa(*arguments.split())

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"rfa: error: {message}\n"


def test_a_bad_format_in_the_environment_names_the_variable(rfa, monkeypatch):
    monkeypatch.setenv("RFA_OUTPUT_FORMAT", "yaml")

    result = rfa("check", "--res", "64")

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "rfa: error: environment variable RFA_OUTPUT_FORMAT: expected one of "
        f"{', '.join(FORMATS)}, found 'yaml'\n"
    )


def test_a_pyproject_that_does_not_parse_is_named_with_its_place(rfa, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.rfa]\ntie = strict\n")

    result = rfa("check", "--res", "64")

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "rfa: error: mistakes in the settings:\n"
        "pyproject.toml:2:7: expected TOML, found: Invalid value\n"
        "  mend the file at this place; https://toml.io describes the format\n"
    )


def test_mistakes_in_the_configuration_come_at_once(rfa, tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        "[tool.rfa]\nresolution = [64]\nmax-unproductive-parameters = 5\n"
    )

    result = rfa("list")

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "rfa: error: mistakes in the settings:\n"
        "pyproject.toml:2: resolution: unknown key; did you mean 'resolutions'?\n"
        "pyproject.toml:3: max-unproductive-parameters: expected a number from 0 to 1, found 5\n"
    )


def test_rule_lists_all_rules(rfa):
    result = rfa("rule")

    assert result.returncode == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(RULES)


def test_rule_explains_one_as_json(rfa):
    result = rfa("rule", "rfa101", "--format", "json")

    content = json.loads(result.stdout)
    assert (content["code"], content["name"]) == ("RFA101", "unproductive-layer")
