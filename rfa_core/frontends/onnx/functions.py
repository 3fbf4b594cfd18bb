"""Functions that a model brings along, put in the place of their calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from onnx import ModelProto, NodeProto, inliner

from rfa_core.errors import TraceError
from rfa_core.frontends.onnx.registry import is_described

MOST_NODES = 1_000_000
"""A model that has more nodes once its functions are in place is refused."""

_Key = tuple[str, str]


def inlined(model: ModelProto) -> ModelProto:
    """``model`` without functions, but those that a plugin describes.

    Raises TraceError if one calls itself, or they would make more than ``MOST_NODES`` nodes.
    """
    sizes = _sizes({(one.domain, one.name): list(one.node) for one in model.functions})
    if _size(model.graph.node, sizes) > MOST_NODES:
        raise TraceError(
            f"the functions of the ONNX model make more than {MOST_NODES} nodes of its graph"
        )
    described = [key for key in sizes if is_described(*key)]
    try:
        return inliner.inline_selected_functions(model, described, exclude=True)
    except Exception as error:
        raise TraceError(f"the functions of the ONNX model cannot be inlined: {error}") from error


def _sizes(functions: Mapping[_Key, list[NodeProto]]) -> dict[_Key, int]:
    """How many nodes each function stands for, whatever it calls included."""
    sizes: dict[_Key, int] = {}
    left = dict(functions)
    while left:
        ready = [key for key, nodes in left.items() if not _called(nodes) & left.keys()]
        if not ready:
            raise TraceError(f"the function {next(iter(left))[1]!r} of the ONNX model calls itself")
        sizes.update((key, _size(left.pop(key), sizes)) for key in ready)
    return sizes


def _called(nodes: Iterable[NodeProto]) -> set[_Key]:
    return {(node.domain, node.op_type) for node in _nested(nodes)}


def _size(nodes: Iterable[NodeProto], sizes: Mapping[_Key, int]) -> int:
    return sum(sizes.get((node.domain, node.op_type), 1) for node in _nested(nodes))


def _nested(nodes: Iterable[NodeProto]) -> Iterator[NodeProto]:
    """``nodes`` and those of their subgraphs."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        for attribute in node.attribute:
            waiting.extend(attribute.g.node)
            waiting.extend(inner for graph in attribute.graphs for inner in graph.node)
