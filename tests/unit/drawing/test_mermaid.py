"""Flowcharts of small networks, whole; every line is a statement that Mermaid knows."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from building import Net
from networks import GRAPHS, HOSTILE, chain, hostile

from rfa_core.drawing import View
from rfa_core.drawing.mermaid import LONGEST, flowchart
from rfa_core.drawing.wording import shortened
from rfa_core.graph.model import Graph

Draw = Callable[..., View]
Golden = Callable[[str, str], None]
PLAIN = r"(?:[\w .,:+/()×–…∞≤●▲◆✖■○-]|#\d+;)*"
STATEMENTS = (
    "flowchart TD",
    rf' +n\d+\["{PLAIN}(?:<br/>{PLAIN})*"\]',
    rf' +subgraph g\d+n\d+\["{PLAIN}"\]',
    " +end",
    r"  n\d+ --> n\d+",
    r"  classDef [a-z]+ fill:#\w{6},stroke:#\w{6},stroke-width:[\d.]+px"
    r"(?:,stroke-dasharray:\d \d)?,color:#\w{6}",
    r"  class n\d+(?:,n\d+)* [a-z]+",
)


@pytest.mark.parametrize("name", ["residual", "u-net", "two-inputs", "volume"])
def test_a_flowchart_is_what_its_golden_file_holds(name: str, draw: Draw, golden: Golden) -> None:
    text = flowchart(draw(GRAPHS[name]))

    golden(f"{name}.mmd", text)


def test_verdicts_and_stacks_are_seen(draw: Draw, golden: Golden) -> None:
    text = flowchart(draw(chain(40, "stage.{}.conv"), (32, 32)))

    golden("chain-dead.mmd", text)


@pytest.mark.parametrize("graph", [*GRAPHS.values(), hostile()], ids=[*GRAPHS, "hostile"])
def test_every_line_is_a_statement_and_every_node_has_one(graph: Graph, draw: Draw) -> None:
    lines = flowchart(draw(graph)).splitlines()

    assert [line for line in lines if not any(re.fullmatch(one, line) for one in STATEMENTS)] == []
    nodes = [found[1] for line in lines if (found := re.match(r' +(n\d+)\["', line))]
    ends = {end for line in lines if "-->" in line for end in line.split() if end != "-->"}
    assert len(nodes) == len(set(nodes))
    assert ends <= set(nodes)
    assert sum("subgraph" in line for line in lines) == sum(line.strip() == "end" for line in lines)


def test_a_hostile_name_is_read_back_as_it_was(draw: Draw) -> None:
    text = flowchart(draw(hostile()))

    read = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)
    parts = [part for name in HOSTILE for part in name.split(".")]
    assert [part for part in parts if shortened(part) not in read] == []


def test_a_network_of_many_parts_without_modules_has_no_overview(draw: Draw) -> None:
    """Its layers are too many to close and too different to stack."""
    net = Net(64, 64)
    x = net.input
    for number in range(200):
        x = net.conv(x, 3 + 2 * (number % 7), layer=f"layer_{number * number}", type=f"T{number}")

    assert flowchart(draw(net.graph())) == ""


def test_an_overview_of_usual_networks_is_small(draw: Draw) -> None:
    assert max(len(flowchart(draw(graph))) for graph in GRAPHS.values()) < LONGEST / 2
