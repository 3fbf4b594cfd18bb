"""Models of frameworks as the nodes of ``rfa_toolbox``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any

from rfa_core.compat.examined import Call, ExaminedNetwork
from rfa_core.compat.graphs import EnrichedNetworkNode, LayerDefinition
from rfa_core.compat.handlers import HANDLERS
from rfa_core.errors import UsageError
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.resolution import parse_resolution

_AXES: dict[int, tuple[str, ...]] = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}


def create_graph_from_pytorch_model(
    model: Any,
    filter_rf: str | None = None,
    input_res: Sequence[int] = (1, 3, 399, 399),
    custom_layers: Sequence[str] | None = None,
    display_se_modules: bool = False,
) -> EnrichedNetworkNode:
    """The output of a ``torch.nn.Module``, as a node that stands for the whole graph.

    ``input_res`` is the shape of the input, batch and channels first. With
    ``display_se_modules``, and without ``filter_rf="inf"``, a path that sees everything makes
    ``receptive_field_max`` infinite. ``custom_layers`` are classes that
    ``add_custom_layer_handler`` knows; all others are read through.

    Raises UsageError for a shape without positions and for classes that are not handled,
    TraceError for a model that cannot run.
    """
    unknown = [name for name in custom_layers or () if name not in HANDLERS]
    if unknown:
        raise UsageError(
            f"no handler is known for {', '.join(unknown)}",
            "leave it out, so that it is read through, or say what it does with "
            "add_custom_layer_handler",
        )
    axes = _AXES.get(len(input_res) - 2, ())
    if not axes:
        raise UsageError(
            f"expected a shape as (1, 3, 399, 399), found {tuple(input_res)}",
            "a model without positions has no receptive fields",
        )
    shape: list[int | str] = [*input_res[:2], *axes]
    return _output(
        ExaminedNetwork(
            model,
            parse_resolution(list(input_res[2:])),
            input_shape=shape,
            counts_context=_filtered(filter_rf) is None and display_se_modules,
        )
    )


def create_graph_from_tensorflow_model(
    model: Any, filter_rf: str | None = None
) -> EnrichedNetworkNode:
    """The output of a ``keras.Model``, as a node that stands for the whole graph.

    Without ``filter_rf="inf"`` a path that sees everything makes ``receptive_field_max``
    infinite. Raises TraceError for a model that cannot be read.
    """
    resolution = parse_resolution(224)
    return _output(ExaminedNetwork(model, resolution, counts_context=_filtered(filter_rf) is None))


def _filtered(filter_rf: str | None) -> str | None:
    if filter_rf not in (None, "inf"):
        raise UsageError(
            f"filter_rf: expected 'inf' or None, found {filter_rf!r}",
            "the smallest size and the union over all paths are exact, and need no filter",
        )
    return filter_rf


def _output(network: ExaminedNetwork) -> EnrichedNetworkNode:
    """The node of the output; there is one node for each call of each layer."""
    graph, layers = network.graph, network.layers
    made: dict[Call, EnrichedNetworkNode] = {}
    sources: dict[str, tuple[Call, ...]] = {}
    for key, nodes in _calls(graph, layers).items():
        before = [
            found
            for node in nodes
            for name in node.operands
            for found in _from(graph, name, layers, sources)
        ]
        follows = [made[one] for one in dict.fromkeys(before) if one != key and one in made]
        info = _definition(layers[key], nodes, network.model())
        name = key[0] if key[1] == 0 else f"{key[0]} (call {key[1] + 1})"
        made[key] = EnrichedNetworkNode(name, info, follows, network)
    if not made:
        raise UsageError("nothing that the model computes depends on its input")
    network.calls = {id(node): key for key, node in made.items()}
    ends = [one for name in graph.outputs for one in _from(graph, name, layers, sources)]
    return made[ends[-1]] if ends else list(made.values())[-1]


def _calls(graph: Graph, layers: Mapping[Call, Layer]) -> dict[Call, list[Node]]:
    """The nodes of each call of each layer that is known, in order."""
    found: dict[Call, list[Node]] = {}
    for node in graph:
        if _call_of(node, layers) is not None:
            found.setdefault((node.layer, node.call), []).append(node)
    return found


def _call_of(node: Node, layers: Mapping[Call, Layer]) -> Call | None:
    key = node.layer, node.call
    source = isinstance(node.operation, (op.Input, op.Constant))
    return key if key in layers and not source else None


def _from(
    graph: Graph, name: str, layers: Mapping[Call, Layer], known: dict[str, tuple[Call, ...]]
) -> tuple[Call, ...]:
    """The calls of layers that made a node, through those that are no layers of their own."""
    waiting = [name]
    while waiting:
        node = graph[waiting[-1]]
        own = _call_of(node, layers)
        missing = [one for one in node.operands if one not in known] if own is None else []
        if missing:
            waiting += missing
            continue
        inside = [one for operand in node.operands for one in known.get(operand, ())]
        known[node.name] = (own,) if own is not None else tuple(dict.fromkeys(inside))
        waiting.pop()
    return known[name]


def _definition(layer: Layer, nodes: Sequence[Node], model: object) -> LayerDefinition:
    kernel, stride = layer.kernel, layer.stride
    shape = nodes[-1].shape
    filters = units = None
    if any(node.weighted for node in nodes):
        window = any(isinstance(node.operation, op.Window) for node in nodes)
        filters, units = (shape[1], None) if window else (None, shape[-1])
    name = layer.type
    if any(size > 1 for size in (*kernel, *stride)):
        name = f"{layer.type} {'x'.join(map(str, kernel))} / {stride}"
    for handler, module in _handled(layer, model):
        name = handler.name(module, layer.type)
        filters, units = handler.filters(module), handler.units(module)
    if layer.dense and not filters:
        return LayerDefinition(name, inf, 1, filters, units)
    return LayerDefinition(name, kernel, stride, filters, units)


def _handled(layer: Layer, model: Any) -> Iterator[tuple[Any, Any]]:
    if layer.type in HANDLERS and hasattr(model, "get_submodule"):
        yield HANDLERS[layer.type], model.get_submodule(layer.name)
