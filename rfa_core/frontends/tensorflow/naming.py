"""Layers from the names of operations: ``block/conv1/Conv2D`` is what ``block/conv1`` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rfa_core.graph import operations as op
from rfa_core.graph.model import Node

_MINOR = (op.Constant, op.Pointwise, op.Reshape, op.Permute, op.Expand, op.Pad, op.Slice)
"""Operations that come with others: biases, activations, views."""


def named(
    nodes: Sequence[Node], paths: Mapping[str, str], kernels: Mapping[str, frozenset[str]]
) -> list[Node]:
    """The nodes with the layers that the names of their operations tell.

    ``paths`` has the operation of every node that is to be named, ``kernels`` the weights of the
    weighted ones. A name scope with one operation of substance, and none further in, is a layer;
    other operations stand for themselves. What applies the same kernel again is another call.
    """
    layers = _layers(nodes, paths)
    types = {
        layer: node.type
        for node in nodes
        if (layer := layers.get(node.name)) and not isinstance(node.operation, _MINOR)
    }
    calls = _calls(nodes, layers, kernels)
    made = []
    for node in nodes:
        layer = layers.get(node.name)
        if layer is None:
            made.append(node)
            continue
        first, call = calls.get(layer, (layer, 0))
        kind = types.get(layer, node.type)
        made.append(replace(node, layer=first, type=kind, call=call))
    return made


def _layers(nodes: Sequence[Node], paths: Mapping[str, str]) -> dict[str, str]:
    """The name of the layer of every node, by the node's name."""
    below: dict[str, set[str]] = {}
    direct: dict[str, set[str]] = {}
    for node in nodes:
        path = paths.get(node.name)
        if path is not None and not isinstance(node.operation, _MINOR):
            scopes = _scopes(path)
            direct.setdefault(scopes[0], set()).add(path)
            for scope in scopes:
                below.setdefault(scope, set()).add(path)
    taken = {"", *paths.values()}
    single = {scope for scope in direct if scope not in taken and len(below[scope]) == 1}
    return {
        name: next((scope for scope in _scopes(path) if scope in single), path)
        for name, path in paths.items()
    }


def _scopes(path: str) -> list[str]:
    """The name scopes around an operation, the innermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)] or [""]


def _calls(
    nodes: Sequence[Node], layers: Mapping[str, str], kernels: Mapping[str, frozenset[str]]
) -> dict[str, tuple[str, int]]:
    """For every layer that applies weights, the first that applied them and which call it is."""
    known: dict[frozenset[str], list[str]] = {}
    for node in nodes:
        layer, kernel = layers.get(node.name), kernels.get(node.name)
        if layer and kernel and layer not in known.setdefault(kernel, []):
            known[kernel].append(layer)
    return {layer: (users[0], call) for users in known.values() for call, layer in enumerate(users)}
