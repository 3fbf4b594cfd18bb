"""The tree of modules."""

from __future__ import annotations

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node
from rfa_core.graph.tree import Module, module_tree


def graph_of(*layers: tuple[str, int, int]) -> Graph:
    image = Node("x", op.Input((None, 0)), (), (1, 8))
    nodes = [
        Node(f"n{place}", op.Pointwise(), ("x",), (1, 8), layer, parameters=count, macs=macs)
        for place, (layer, count, macs) in enumerate(layers)
    ]
    return Graph("net", "none", (image, *nodes), ("x",), (8,))


def test_modules_nest_in_the_order_of_first_use():
    graph = graph_of(("stem", 1, 1), ("body.1.conv", 1, 1), ("body.0.conv", 1, 1), ("stem", 0, 1))

    root = module_tree(graph)

    assert [module.path for module in root.walk()] == [
        "", "stem", "body", "body.1", "body.1.conv", "body.0", "body.0.conv",
    ]  # fmt: skip
    assert [module.name for module in root.children[1].children] == ["1", "0"]


def test_a_module_holds_its_own_nodes_and_the_totals_of_all_below():
    graph = graph_of(("body.conv", 9, 80), ("body", 0, 3), ("body.conv", 0, 80), ("head", 5, 5))

    root = module_tree(graph)

    body, head = root.children
    assert (body.parameters, body.macs) == (9, 163)
    assert [node.name for node in body.nodes] == ["n1"]
    assert [node.name for node in body.children[0].nodes] == ["n0", "n2"]
    assert (head.parameters, head.macs) == (5, 5)
    assert (root.parameters, root.macs) == (14, 168)


def test_nodes_without_a_layer_belong_to_the_root():
    root = module_tree(graph_of(("", 2, 3)))

    assert [node.name for node in root.nodes] == ["x", "n0"]
    assert root == Module("", "", (), root.nodes, 2, 3)


def test_a_path_of_a_thousand_modules_is_no_deeper_than_the_stack_allows():
    path = ".".join(["block"] * 3000)

    root = module_tree(graph_of((path, 1, 1)))

    assert root.parameters == 1
    assert sum(1 for _ in root.walk()) == 3001
