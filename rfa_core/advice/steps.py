"""An edit in the words of the user's source: which argument of which layer, and where."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod

from rfa_core.advice.changes import Edit, WindowChange
from rfa_core.advice.places import place_of
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Location, Node
from rfa_core.proposals import Step
from rfa_core.receptive.layers import Sizes

_FIELDS = ("kernel", "stride", "dilation", "padding")
_ARGUMENTS: Mapping[str, Sequence[str]] = {
    "torch": ("kernel_size", "stride", "dilation", "padding"),
    "keras": ("kernel_size", "strides", "dilation_rate", ""),
    "tf_keras": ("kernel_size", "strides", "dilation_rate", ""),
    "jax": ("kernel_size", "strides", "kernel_dilation", ""),
    "custom": ("kernel", "stride", "dilation", ""),
}
"""What frameworks call the fields of a window; padding is left out where it is a word."""


def steps_of(before: Graph, after: Graph, edit: Edit, root: str) -> tuple[Step, ...]:
    """What ``edit``, which made ``after`` of ``before``, is in the source."""
    gone = {node.name for node in before if node.name not in after} if edit.removals else ()
    return _joined(
        [
            *_window_steps(before, after, edit, root),
            *_removal_steps(before, after, edit.kind, gone, root),
            *_fitting_steps(before, after, root),
        ]
    )


def dropping_steps(
    before: Graph, after: Graph, kind: str, gone: Collection[str], root: str
) -> tuple[Step, ...]:
    """What several edits that dropped layers, the nodes ``gone``, are together."""
    removals = _removal_steps(before, after, kind, gone, root)
    return _joined([*removals, *_fitting_steps(before, after, root)])


def _joined(steps: Sequence[Step]) -> tuple[Step, ...]:
    """What a line says of several layers, once."""
    found: dict[tuple[object, ...], Step] = {}
    for step in steps:
        key = (step.kind, step.before, step.after, step.file, step.line)
        known = found.get(key)
        found[key] = step if known is None else replace(known, layers=(*known.layers, *step.layers))
    return tuple(found.values())


def _window_steps(before: Graph, after: Graph, edit: Edit, root: str) -> Iterator[Step]:
    changing = {change.layer for change in edit.windows}
    first = {node.layer: node for node in reversed(before.nodes) if _is_window(node)}
    later = {node.layer: node for node in reversed(after.nodes) if _is_window(node)}
    for change in edit.windows:
        then, now = _arguments(change, before.framework)
        node = first[change.layer]
        peers = [
            other for other in before if other.layer not in changing and _is_alike(other, change)
        ]
        place = place_of(node, peers, root) or place_of(node, (), root)
        yield Step(
            edit.kind,
            (change.layer,),
            then,
            now,
            *_lines(place),
            maps=(_map(node), _map(later[change.layer])),
        )


def _is_window(node: Node) -> bool:
    return isinstance(node.operation, op.Window)


def _is_alike(node: Node, change: WindowChange) -> bool:
    """Whether the line that says the argument of one says that of the other, too."""
    if not isinstance(node.operation, op.Window):
        return False
    return any(
        getattr(node.operation, name) == getattr(change.before, name)
        for name in _FIELDS[:3]
        if getattr(change.before, name) != getattr(change.after, name)
    )


def _arguments(change: WindowChange, framework: str) -> tuple[str, str]:
    names = dict(zip(_FIELDS, _ARGUMENTS.get(framework, _FIELDS), strict=True))
    then, now = [], []
    for field, name in names.items():
        old, new = getattr(change.before, field), getattr(change.after, field)
        if old != new and name:
            then.append(f"{name}={_number(old)}")
            now.append(f"{name}={_number(new)}")
    return ", ".join(then), ", ".join(now)


def _number(sizes: Sequence[int]) -> str:
    return str(sizes[0]) if len(set(sizes)) == 1 else str(tuple(sizes))


def _removal_steps(
    before: Graph, after: Graph, kind: str, names: Collection[str], root: str
) -> Iterator[Step]:
    gone = [node for node in before if node.name in names]
    left = [node for node in after if node.weighted or _is_window(node)]
    for path in whole_modules(before, {node.layer for node in gone}):
        inside = [node for node in gone if is_below(node.layer, path)]
        main = next((node for node in inside if node.weighted or _is_window(node)), None)
        if main is None and inside[0].type == inside[0].kind:
            continue  # a function called in forward goes with what it was called on
        main = main or inside[0]
        parent = path.rpartition(".")[0]
        outside = [node for node in left if not is_below(node.layer, parent)]
        place = place_of(main, left, root) or place_of(main, outside, root)
        yield Step(kind, (path,), "", "", *_lines(place))


def _fitting_steps(before: Graph, after: Graph, root: str) -> Iterator[Step]:
    """Who reads other channels than before, in frameworks that want to be told."""
    if before.framework != "torch":
        return
    for node in after:
        argument = _READS.get(type(node.operation)) if node.parameters else None
        if argument is None:
            continue
        sizes = [_read(graph, node.name) for graph in (before, after)]
        if sizes[0] != sizes[1]:
            then, now = (f"{argument}={size}" for size in sizes)
            place = place_of(node, (), root)
            yield Step("fit", (node.layer,), then, now, *_lines(place))


_READS = {op.Window: "in_channels", op.Contract: "in_features", op.Norm: "num_features"}


def _read(graph: Graph, name: str) -> int:
    """How many channels or features the weights of a node are for."""
    node = graph[name]
    operation, shape = node.operation, graph[node.operands[0]].shape
    if isinstance(operation, op.Window):
        return 0 if operation.channel is None else shape[operation.channel]
    if isinstance(operation, op.Contract):
        pairs = zip(operation.labels[0], shape, strict=True)
        return prod(size for label, size in pairs if label not in operation.output)
    return node.parameters // 2


def whole_modules(graph: Graph, layers: Collection[str]) -> tuple[str, ...]:
    """The largest modules that are made of ``layers`` alone, in order; these themselves where
    there are none."""
    kept = {path for node in graph if node.layer not in layers for path in _paths(node.layer)}
    found: dict[str, None] = {}
    for node in graph:
        if node.layer in layers:
            whole = [path for path in _paths(node.layer) if path not in kept]
            found[whole[0] if whole else node.layer] = None
    return tuple(found)


def is_below(layer: str, path: str) -> bool:
    """Whether the layer is the module at ``path`` or inside."""
    return not path or layer == path or layer.startswith(f"{path}.")


def _paths(layer: str) -> list[str]:
    """The layer's own path and those of the modules that it is in, outermost first."""
    parts = layer.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def _lines(place: Location | None) -> tuple[str | None, int | None]:
    return (place.file, place.line) if place else (None, None)


def _map(node: Node) -> Sizes:
    assert isinstance(node.operation, op.Window)
    return tuple(node.shape[dim] for dim in node.operation.dims)
