"""``rfa show --layer``, as its users meet it: on a graph in a file, by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rfa_core.cli import main

GRAPH = """\
{"version": 1, "name": "net", "layers": [
  {"name": "input", "type": "input", "channels": 3},
  {"name": "stem.conv", "type": "conv", "filters": 8, "kernel": 7, "stride": 2},
  {"name": "stem.pool", "type": "max_pool", "kernel": 3, "stride": 2},
  {"name": "head", "type": "conv", "filters": 8, "kernel": 3}
]}
"""
EXPLAINED = """\
✖ head (conv)
net.rfa.json at 8 px, net.rfa.json:5

head is unproductive at 8 px: what it receives has seen 11 px already, all of the image, even \
along the shortest path; its own 3x3 kernel
has nothing left to relate.
The shortest path reaches the 8 px of the image at stem.pool, with 11 px.

shortest path: 19 px
step                         adds              sees
input                        1                    1  ██            │
stem.conv  conv 7x7 / 2      +6 = (7 - 1) · 1     7  ░███████████  │
stem.pool  max_pool 3x3 / 2  +4 = (3 - 1) · 2    11  ░░░░░░░░░░░███│█████
head       conv 3x3          +8 = (3 - 1) · 4    19  ░░░░░░░░░░░░░░│░░░░██████████████
"""


@pytest.fixture
def show(monkeypatch, tmp_path, capfd):
    """Runs ``rfa show net.rfa.json`` and returns exit code, stdout and stderr."""
    (tmp_path / "net.rfa.json").write_text(GRAPH, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["show", "net.rfa.json", *arguments])
        return code, *capfd.readouterr()

    return run


def test_a_layer_is_explained_in_words_and_as_a_staircase(show):
    assert show("--res", "8", "--layer", "head", "-o", "why.txt") == (0, "", "")

    assert Path("why.txt").read_text(encoding="utf-8") == EXPLAINED


def test_figure_and_data_go_where_they_are_asked_for(show):
    assert show("--res", "8", "--layer", "head", "-o", "why.svg") == (0, "", "")
    code, out, _ = show("--res", "8", "--layer", "head", "--format", "json")

    assert Path("why.svg").read_text(encoding="utf-8").startswith("<svg ")
    assert (code, json.loads(out)["verdict"]) == (0, "unproductive")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--res", "8", "--layer", "heat"],
            "error: --layer: the model has no layer 'heat'\n"
            "  did you mean head? `rfa show TARGET -v` lists all 3",
        ),
        (
            ["--res", "8", "--layer", "stem"],
            "error: --layer: stem is a module of several layers\n  name one: stem.conv, stem.pool",
        ),
        (
            ["--layer", "head"],
            "error: --layer: no resolution to explain it at\n  give one in pixels as --res 64",
        ),
        (
            ["--res", "8", "--layer", "head", "--format", "dot"],
            "error: --layer makes text, json, svg, found --format dot",
        ),
        (
            ["--res", "8", "--layer", "head", "--depth", "2"],
            "error: --depth is for whole models; leave it or --layer out",
        ),
    ],
)
def test_what_is_impossible_is_said_and_exits_with_2(show, arguments, said):
    assert show(*arguments) == (2, "", f"rfa: {said}\n")
