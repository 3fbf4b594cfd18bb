"""Changes of a graph made to the modules themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from math import prod
from typing import Any

from torch import nn

from rfa_core.frontends.base import Constructed, NotEditableError
from rfa_core.frontends.torch.wrappers import named, unwrapped
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_POOLINGS = (
    nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d,
)  # fmt: skip
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def edited(
    model: nn.Module, before: Graph, after: Graph, constructed: Constructed
) -> tuple[nn.Module, Constructed]:
    """See ``EditingFrontend``."""
    inner = unwrapped(model)
    try:
        copy = deepcopy(inner)
    except Exception as error:
        raise NotEditableError(f"the model cannot be copied: {error}") from error
    pairs = zip(inner.modules(), copy.modules(), strict=True)
    lines = {id(twin): constructed.get(id(module), ()) for module, twin in pairs}
    modules = dict(named(copy))
    for path in _gone(before, after, modules):
        parent, _, name = path.rpartition(".")
        modules[parent]._modules[name] = nn.Identity()
    for node in after:
        if node.name not in before:
            continue  # the copy did more than the model, at other sizes
        old = before[node.name]
        if _is_altered(old, node) or _reads(before, old) != _reads(after, node):
            _change(modules, before, after, node)
    return copy, lines


def _is_altered(old: Node, new: Node) -> bool:
    """Whether its window is another; what else depends on the size of a map follows by itself."""
    return isinstance(new.operation, op.Window) and new.operation != old.operation


def _gone(before: Graph, after: Graph, modules: dict[str, nn.Module]) -> Sequence[str]:
    """The largest modules of which nothing is left."""
    gone = {node.layer for node in before if node.name not in after}
    kept = {path for node in after for path in _paths(node.layer)}
    found: dict[str, None] = {}
    for layer in gone:
        whole = [path for path in _paths(layer) if path in modules and path not in kept]
        if not whole and layer not in kept:
            raise NotEditableError(f"{layer} is called in forward, it is no module")
        found.update(dict.fromkeys(whole[:1]))
    return list(found)


def _paths(layer: str) -> list[str]:
    parts = layer.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def _reads(graph: Graph, node: Node) -> Sequence[object]:
    """The sizes of what a node has weights for."""
    operation = node.operation
    shapes = [graph[name].shape for name in node.operands[:1]]
    if isinstance(operation, op.Window) and operation.channel is not None:
        return [shape[operation.channel] for shape in shapes]
    if isinstance(operation, op.Contract) and node.weighted:
        return [
            size
            for labels, shape in zip(operation.labels, shapes, strict=False)
            for label, size in zip(labels, shape, strict=True)
            if label not in operation.output
        ]
    return [node.parameters]


def _change(modules: dict[str, nn.Module], before: Graph, after: Graph, node: Node) -> None:
    module = modules.get(node.layer)
    for kinds, change in _CHANGES:
        if isinstance(module, kinds):
            change(module, before, after, node)
            return
    if node.weighted or _is_altered(before[node.name], node):
        what = (
            "is called in forward, it is no module" if module is None else "is a layer of its own"
        )
        raise NotEditableError(f"{node.layer} {what}")


def _convolution(module: Any, before: Graph, after: Graph, node: Node) -> None:
    window, old = node.operation, before[node.name].operation
    assert isinstance(window, op.Window) and isinstance(old, op.Window)
    assert window.channel is not None
    channels = after[node.operands[0]].shape[window.channel]
    shape = (module.out_channels, channels // module.groups, *window.kernel)
    if tuple(module.weight.shape) != shape:
        module.weight = nn.Parameter(module.weight.new_empty(shape))
        module.in_channels, module.kernel_size = channels, window.kernel
    module.stride, module.dilation = window.stride, window.dilation
    if window.padding != old.padding:
        if module.padding_mode != "zeros" or isinstance(module.padding, str):
            raise NotEditableError(f"{node.layer} pads in a way of its own")
        module.padding = window.padding


def _pooling(module: Any, before: Graph, after: Graph, node: Node) -> None:
    del before, after
    window = node.operation
    assert isinstance(window, op.Window)
    module.kernel_size, module.stride, module.padding = window.kernel, window.stride, window.padding


def _linear(module: Any, before: Graph, after: Graph, node: Node) -> None:
    del before
    module.in_features = prod(_reads(after, node))
    shape = (module.out_features, module.in_features)
    module.weight = nn.Parameter(module.weight.new_empty(shape))


def _norm(module: Any, before: Graph, after: Graph, node: Node) -> None:
    del after
    was, now = before[node.name].parameters, node.parameters
    module.num_features = module.num_features * now // was if was else module.num_features
    for store in (module._parameters, module._buffers):
        for name, tensor in store.items():
            if tensor is not None and tensor.dim():
                made = tensor.new_empty(module.num_features)
                store[name] = nn.Parameter(made) if store is module._parameters else made


_CHANGES: tuple[tuple[tuple[type[nn.Module], ...], Callable[..., None]], ...] = (
    (_CONVOLUTIONS, _convolution),
    (_POOLINGS, _pooling),
    ((nn.Linear,), _linear),
    (_NORMS, _norm),
)
