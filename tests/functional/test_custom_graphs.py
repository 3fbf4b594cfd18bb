"""Custom graphs and plugins, as their users meet them: in a project, by the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from projects import python, rfa, written

from rfa_core.frontends.custom.kinds import kind_of, own_kinds
from rfa_core.frontends.custom.layers import FORM
from rfa_core.frontends.custom.options import MISSING

PLUGIN = """\
import rfa_core as rfa


@rfa.layer_type("custom", "involution")
def involution(kernel: int, stride: int = 1) -> rfa.Window:
    return rfa.Window(kernel, stride)
"""
HOOK = """\
import rfa_core as rfa


@rfa.hookimpl
def rfa_register(registry):
    @registry.layer_type("custom", "involution")
    def involution(kernel: int, stride: int = 1):
        return rfa.Window(kernel, stride)
"""
GRAPH = """\
{"version": 1, "name": "net", "layers": [
  {"name": "input", "type": "input", "channels": 3},
  {"name": "mix", "type": "involution", "kernel": 7, "stride": 2},
  {"name": "conv", "type": "conv", "filters": 8, "kernel": 3}
]}
"""
MODELS = """\
import rfa_core as rfa


def small():
    net = rfa.Graph("small")
    for n in range(3):
        net.conv(f"conv{n}", filters=8, kernel=3, stride=2)
    return net
"""
CONFIG = '[tool.rfa]\nplugins = ["acme.rfa_plugin"]\n'
FILES = {
    "pyproject.toml": CONFIG,
    "src/acme/__init__.py": "",
    "src/acme/rfa_plugin.py": PLUGIN,
    "src/acme/models.py": MODELS,
    "net.rfa.json": GRAPH,
}


@pytest.mark.parametrize("plugin", [PLUGIN, HOOK])
def test_a_graph_in_a_file_with_a_layer_of_a_plugin_is_checked(tmp_path: Path, plugin: str) -> None:
    written(tmp_path, {**FILES, "src/acme/rfa_plugin.py": plugin})

    passing = rfa(tmp_path, "check", "net.rfa.json", "--res", "32", "--output-format", "json")
    failing = rfa(tmp_path, "check", "net.rfa.json", "--res", "7", "--output-format", "concise")

    (model,) = json.loads(passing.stdout)["models"]
    layers = {one["name"]: one for one in model["resolutions"][0]["layers"]}
    assert (passing.returncode, passing.stderr) == (0, "")
    assert (model["framework"], model["file"]) == ("custom", "net.rfa.json")
    assert layers["conv"]["receptive_field"]["min"] == [11, 11]
    assert (layers["conv"]["file"], layers["conv"]["line"]) == ("net.rfa.json", 4)
    assert failing.returncode == 1
    assert "net.rfa.json:4:3: RFA101" in failing.stdout


def test_a_plugin_that_is_installed_needs_no_configuration(tmp_path: Path) -> None:
    entry = "acme-1.0.dist-info"
    written(
        tmp_path,
        {
            **FILES,
            "pyproject.toml": "[tool.rfa]\n",
            f"{entry}/METADATA": "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
            f"{entry}/entry_points.txt": "[rfa]\nacme = acme_rfa\n",
            "acme_rfa.py": PLUGIN,
        },
    )

    found = rfa(tmp_path, "show", "net.rfa.json", "--res", "32")

    assert (found.returncode, found.stderr) == (0, "")
    assert "involution" in found.stdout


def test_factories_are_listed_and_checked_like_others(tmp_path: Path) -> None:
    written(tmp_path, FILES)

    listed = json.loads(rfa(tmp_path, "list", "--format", "json").stdout)["targets"]
    checked = rfa(tmp_path, "check", "--res", "4", "--output-format", "concise")

    assert [(one["name"], one["framework"]) for one in listed] == [("acme.models:small", "custom")]
    assert checked.returncode == 1
    assert "src/acme/models.py:4:1: RFA101" in checked.stdout


def test_no_plugin_is_imported_to_list_models(tmp_path: Path) -> None:
    written(tmp_path, {**FILES, "src/acme/rfa_plugin.py": "raise SystemExit('imported')"})

    assert rfa(tmp_path, "list").returncode == 0


BROKEN = {
    "is not there": (
        {"pyproject.toml": '[tool.rfa]\nplugins = ["acme.plugin"]\n'},
        "acme.plugin cannot be used: ModuleNotFoundError: No module named 'acme.plugin'",
    ),
    "raises": (
        {"src/acme/rfa_plugin.py": "\n1 / 0\n"},
        "acme.rfa_plugin cannot be used: ZeroDivisionError: division by zero "
        "(at src/acme/rfa_plugin.py:2)",
    ),
    "exits": (
        {"src/acme/rfa_plugin.py": "raise SystemExit(0)\n"},
        "acme.rfa_plugin cannot be used: SystemExit: 0",
    ),
    "has a hook that there is not": (
        {"src/acme/rfa_plugin.py": HOOK.replace("def rfa_register(", "def rfa_registre(")},
        "acme.rfa_plugin cannot be used: PluginValidationError: unknown hook 'rfa_registre'",
    ),
    "replaces a layer of ours": (
        {"src/acme/rfa_plugin.py": PLUGIN.replace('"involution"', '"conv"')},
        "acme.rfa_plugin: two translations of the custom layer conv: ",
    ),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_plugin_that_cannot_be_used_is_a_mistake_in_the_settings(
    tmp_path: Path, mistake: str
) -> None:
    files, said = BROKEN[mistake]
    written(tmp_path, {**FILES, **files})

    found = rfa(tmp_path, "check", "net.rfa.json", "--res", "32")

    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.startswith(
        "rfa: error: mistakes in the settings:\nplugins of pyproject.toml: acme."
    )
    assert said in found.stderr
    assert "Traceback" not in found.stderr


def test_a_file_with_mistakes_is_refused_with_all_of_them(tmp_path: Path) -> None:
    cycle = GRAPH.replace('"filters": 8', '"filters": 0, "after": ["conv"]')
    written(tmp_path, {**FILES, "net.rfa.json": cycle.replace('"kernel": 7', '"kernel": [7]')})

    found = rfa(tmp_path, "check", "net.rfa.json", "--res", "32", "--output-format", "concise")

    assert found.returncode == 2
    for text in (
        "layers[1] (mix): involution: kernel: expected a whole number of at least 1, found [7]",
        "layers[2] (conv): conv: filters: expected a whole number of at least 1, found 0",
        "conv: it follows itself: conv -> conv",
    ):
        assert text in found.stdout
    assert "Traceback" not in found.stdout + found.stderr


MISTAKES = """\
import rfa_core as rfa


def twice():
    net = rfa.Graph("net")
    net.conv("a", filters=8, kernel=(3, 3, 3), strid=2)
    return net


def cycle():
    net = rfa.Graph("net")
    net.conv("a", "b", filters=8, kernel=3)
    net.conv("b", "a", filters=8, kernel=3)
    return net
"""


def test_mistakes_of_a_graph_in_code_are_told_whole_and_with_what_to_look_up(
    tmp_path: Path,
) -> None:
    (tmp_path / "nets.py").write_text(MISTAKES)

    found = rfa(tmp_path, "check", "nets.py", "--res=32", "--output-format=json")

    assert (found.returncode, found.stderr) == (2, "")
    twice, cycle = json.loads(found.stdout)["findings"]
    assert twice["message"] == (
        "fails (at nets.py:6): the graph net is invalid:\n"
        "  a: conv: unknown option 'strid'; did you mean stride?\n"
        "  a: conv: kernel: expected a whole number of at least 1 or 2 of them, one per axis, "
        "found [3, 3, 3]"
    )
    assert cycle["message"] == ("the graph net is invalid:\n  a: it follows itself: a -> b -> a")
    assert twice["help"] == cycle["help"] == FORM


@pytest.mark.parametrize("command", ["show", "range"])
def test_a_file_that_is_no_graph_is_called_what_the_user_calls_it(
    command: str, tmp_path: Path
) -> None:
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "cut.rfa.json").write_text('{"version": 1, "layers": [')
    resolution = ("--res=32",) if command == "show" else ()

    found = rfa(tmp_path, command, "nets/cut.rfa.json", *resolution)

    assert (found.returncode, found.stderr) == (2, "")
    assert found.stdout.splitlines() == [
        "○ nets/cut.rfa.json: untraceable: nets/cut.rfa.json is no JSON: "
        "Expecting value: line 1 column 27 (char 26)",
        f"  {FORM}",
    ]


def test_in_pytest_a_graph_in_a_file_is_an_item(tmp_path: Path) -> None:
    written(tmp_path, FILES)
    options = ["--rfa-target=net.rfa.json", "--rfa-res=7", "-p", "no:cacheprovider", "-q"]

    found = python(tmp_path, "-m", "pytest", *options)

    assert found.returncode == 1
    assert "net.rfa.json::rfa-net.rfa.json@7" in found.stdout
    assert "RFA101" in found.stdout


DOCUMENTATION = Path(__file__).parents[2] / "docs"


def test_the_documentation_shows_every_kind_of_layer_with_its_options() -> None:
    text = (DOCUMENTATION / "frontends.md").read_text(encoding="utf-8")

    kinds = [kind_of(name) for name in own_kinds() if name != "input"]

    for kind in kinds:
        assert kind is not None
        options = [
            f"`{one.name}`"
            if one.default is MISSING
            else f"`{one.name}={one.default!r}`".replace("'", '"')
            for one in kind.options.values()
        ]
        assert f"| `{kind.name}` | {', '.join(options)} | {kind.summary} |" in text


def test_the_graphs_of_the_documentation_are_what_they_say(tmp_path: Path) -> None:
    text = (DOCUMENTATION / "frontends.md").read_text(encoding="utf-8")
    text = text[text.index("## Custom graphs") :]
    code = re.search(r"```python\n(import rfa_core.*?)```", text, re.DOTALL)
    listing = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert code is not None
    assert listing is not None
    written(tmp_path, {"net.rfa.json": listing[1]})

    shown = python(tmp_path, "-c", code[1])
    ranged = rfa(tmp_path, "range", "net.rfa.json")

    assert (shown.returncode, shown.stderr) == (0, "")
    assert "4 productive" in shown.stdout
    assert ranged.returncode == 0
