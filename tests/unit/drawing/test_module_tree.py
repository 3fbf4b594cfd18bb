"""The tree of modules that ``rfa show`` prints, from the view that all pictures are drawn from."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import networks
import pytest
from building import Net
from rich.cells import cell_len

from rfa_core.drawing import View
from rfa_core.graph.model import Graph
from rfa_core.report.console import to_text
from rfa_core.report.options import RenderOptions
from rfa_core.report.tree import module_tree

Draw = Callable[..., View]
Golden = Callable[[str, str], None]
WIDTHS = (200, 80, 60, 40, 20)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_tree_of_a_residual_network_at(width: int, draw: Draw, golden: Golden) -> None:
    view = draw(networks.residual(7), (8, 8))

    golden(f"tree-residual-{width}.txt", text(typed(view, "body"), width))


@pytest.mark.parametrize(
    ("name", "depth"), [("u_net", None), ("dense", None), ("dense", 1), ("shared", None)]
)
def test_the_tree_of(name: str, depth: int | None, draw: Draw, golden: Golden) -> None:
    view = draw(getattr(networks, name)(), depth=depth)

    golden(f"tree-{name}{f'-{depth}' if depth else ''}.txt", text(view, 100))


def test_a_stack_is_split_where_the_verdict_changes(draw: Draw) -> None:
    view = typed(draw(pairs_of_convolutions(12), (19, 19)), "body")

    lines = text(view, 100).splitlines()

    assert [line.split("  ")[0] for line in lines] == [
        "module",
        "○ input",
        "body · Sequential",
        "├─ 0…3 · Block x4",
        "│",
        "│",
        "├─ 4 · Block",
        "│",
        "│",
        "└─ 5…11 · Block x7",
        "",
        "",
    ]
    assert re.findall("[●▲✖]", "".join(lines)) == ["●", "●", "●", "✖", "✖", "✖"]


def test_a_closed_module_has_a_glyph_for_each_judged_layer_up_to_a_dozen(draw: Draw) -> None:
    view = draw(pairs_of_convolutions(12), (19, 19), depth=1)

    shown = text(view, 100)

    assert f"{'●' * 9}{'✖' * 3} +12  " in shown


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("color", [False, True])
def test_hostile_names_stay_on_their_lines(width: int, color: bool, draw: Draw) -> None:
    view = draw(networks.hostile())
    view = replace(view, modules={"a": "\x1b[2J[bold]Evil[/bold]\n"})

    shown = text(view, width, color)

    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown) if color else shown
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800]", plain)
    assert max(map(cell_len, plain.splitlines())) <= width


def pairs_of_convolutions(blocks: int) -> Graph:
    net = Net(32, 32)
    x = net.input
    for number in range(blocks):
        for name in "ab":
            x = net.conv(x, 3, layer=f"body.{number}.{name}", type="Conv2d")
    return net.graph()


def typed(view: View, module: str) -> View:
    """``view`` with a class for each of the blocks of ``module``."""
    blocks = {f"{module}.{number}": "Block" for number in range(20)}
    return replace(view, modules={module: "Sequential", **blocks})


def text(view: View, width: int, color: bool = False) -> str:
    options = RenderOptions(width=width, color=color)
    return to_text([module_tree(view, options)], options)
