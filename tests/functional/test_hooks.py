"""What plugins may change of a run, on the command line and under pytest."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import rfa

from rfa_core import hookspecs

Write = Callable[[str, str], Path]

NETS = """\
import rfa_core


def chain(depth=12):
    net = rfa_core.Graph("chain", channels=3)
    for number in range(depth):
        net.conv(f"conv{number}", filters=8, kernel=3)
    return net


def other():
    return chain(12)


def sized(depth):
    return chain(depth)
"""
HOOKS = """\
from pathlib import Path

import rfa_core as rfa


@rfa.hookimpl
def rfa_modify_targets(targets):
    targets[:] = [one for one in targets if one.name != "nets:other"]
    targets.append(rfa.Target("nets:sized", targets[0].file, 16, arguments={"depth": 3}))


@rfa.hookimpl
def rfa_severity(finding):
    return "warning" if finding.code == "RFA101" else None


@rfa.hookimpl
def rfa_analysed(model, findings):
    with Path("seen.txt").open("a") as seen:
        codes = ",".join(sorted(f"{one.code}:{one.severity}" for one in findings))
        seen.write(f"{model.name} {model.status} {codes}\\n")
"""
CONFIGURATION = """\
[tool.rfa]
resolutions = [16]
factories = ["nets:chain", "nets:other"]
select = ["RFA101"]
"""
SEEN = ["nets:chain analysed RFA101:warning", "nets:sized analysed "]


def seen(folder: Path) -> list[str]:
    return sorted((folder / "seen.txt").read_text().splitlines())


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_command_line_asks_the_configured_plugins(tmp_path: Path, jobs: str) -> None:
    (tmp_path / "nets.py").write_text(NETS)
    (tmp_path / "hooks.py").write_text(HOOKS)
    (tmp_path / "pyproject.toml").write_text(f'{CONFIGURATION}plugins = ["hooks"]\n')

    result = rfa(tmp_path, "check", "--output-format", "json", "-n", jobs)

    report = json.loads(result.stdout)
    assert (result.returncode, report["summary"]["warnings"]) == (0, 1)
    assert [model["name"] for model in report["models"]] == ["nets:chain", "nets:sized"]
    assert seen(tmp_path) == SEEN


def test_listing_imports_no_plugin(tmp_path: Path) -> None:
    (tmp_path / "nets.py").write_text(NETS)
    (tmp_path / "hooks.py").write_text("raise RuntimeError('imported')\n")
    (tmp_path / "pyproject.toml").write_text(f'{CONFIGURATION}plugins = ["hooks"]\n')

    result = rfa(tmp_path, "list")

    assert (result.returncode, result.stderr) == (0, "")
    assert "nets:other" in result.stdout


MISTAKES = {
    "raises": (
        "def rfa_severity(finding):\n    raise KeyError('waste')",
        "a plugin failed in rfa_severity: KeyError: 'waste' (at hooks.py:5)",
    ),
    "no severity": (
        "def rfa_severity(finding):\n    return 'fatal'",
        "a plugin says in rfa_severity that RFA101 is 'fatal'",
    ),
    "no hook": (
        "def rfa_sverity(finding):\n    pass",
        "plugins of pyproject.toml: hooks cannot be used",
    ),
}


@pytest.mark.parametrize(("hook", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_plugin_with_a_mistake_is_named(tmp_path: Path, hook: str, said: str) -> None:
    (tmp_path / "nets.py").write_text(NETS)
    (tmp_path / "hooks.py").write_text(f"import rfa_core as rfa\n\n@rfa.hookimpl\n{hook}\n")
    (tmp_path / "pyproject.toml").write_text(f'{CONFIGURATION}plugins = ["hooks"]\n')

    result = rfa(tmp_path, "check")

    assert result.returncode == 2
    assert said in " ".join(result.stderr.split())


def test_a_conftest_is_a_plugin(pytester: pytest.Pytester, write: Write) -> None:
    write("nets.py", NETS)
    write("conftest.py", HOOKS)
    write("pyproject.toml", CONFIGURATION)

    result = pytester.runpytest_subprocess("--rfa", "-v")

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["nets.py::rfa-chain@16 PASSED*", "nets.py::rfa-sized@16 PASSED*"])
    assert seen(pytester.path) == SEEN


def test_the_page_about_plugins_has_the_recipe_of_every_hook(checkout: Path) -> None:
    page = (checkout / "docs" / "plugins.md").read_text(encoding="utf-8")
    hooks = [hook for name, hook in vars(hookspecs).items() if name.startswith("rfa_")]

    recipes = [inspect.cleandoc(inspect.getdoc(hook) or "").split("::\n\n")[1] for hook in hooks]

    blocks = [" ".join(block.split()) for block in page.split("```python")[1:]]
    for hook, recipe, block in zip(hooks, recipes, blocks, strict=True):
        code = [line for line in recipe.splitlines() if line.startswith("    ")]
        assert f"`{hook.__name__}`" in page
        assert block.startswith(f"{' '.join(' '.join(code).split())} ```")
