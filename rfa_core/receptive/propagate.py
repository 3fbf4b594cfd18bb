"""Footprints of every tensor of a graph: one pass over the nodes, one state per axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node, Shape
from rfa_core.receptive import affine
from rfa_core.receptive.measure import Measure, measure
from rfa_core.receptive.memory import Memory
from rfa_core.receptive.states import EVERYTHING, NOTHING, Everything, Line, Nothing, Parts, parts

State = object
"""``Nothing | Everything | Line | Parts``, or a ``Table`` where arrays are needed."""
States = tuple[State, ...]
"""One state per axis."""
Watch = Callable[[Node, Mapping[str, States]], None]


@dataclass(frozen=True, slots=True)
class Footprint:
    """One tensor of the graph: per axis its ``measures`` and the dimensions that run along it.

    ``inexact`` says why it is only a bound (empty: exact); ``constant`` that it depends on
    no input.
    """

    measures: tuple[Measure, ...]
    running: tuple[frozenset[int], ...]
    constant: bool
    inexact: tuple[str, ...] = ()


def propagate(
    graph: Graph, global_norms: bool = False, watch: Watch | None = None
) -> Mapping[str, Footprint]:
    """The footprint of every node's result, by node name.

    ``global_norms`` counts the statistics of a norm over positions as global context.
    ``watch`` is called with every node and the states, its own and those of its operands.
    What a footprint is: ``docs/semantics.md``, *Footprints*.
    """
    known: dict[str, Footprint] = {}
    for node, states, footprint in walk(graph, global_norms):
        known[node.name] = footprint
        if watch is not None:
            watch(node, states)
    return known


def walk(
    graph: Graph, global_norms: bool = False, cut: bool = False
) -> Iterator[tuple[Node, Mapping[str, States], Footprint]]:
    """Every node in order, with the states (its own and its operands') and its footprint.

    States, one per axis, are dropped as soon as no later node needs them. ``cut``: a
    contraction that makes something global leaves nothing local.
    """
    last_use = {name: place for place, node in enumerate(graph) for name in node.operands}
    states: dict[str, States] = {}
    known: dict[str, Footprint] = {}
    memory = Memory()
    for place, node in enumerate(graph):
        own = _remembered(graph, node, states, global_norms, memory)
        states[node.name] = own = _cut(node, states, own) if cut else own
        known[node.name] = _footprint(node, own, known, memory)
        yield node, states, known[node.name]
        for name in {node.name, *node.operands}:
            if last_use.get(name, -1) <= place:
                states.pop(name, None)


def _cut(node: Node, known: Mapping[str, States], own: States) -> States:
    operation = node.operation
    if not isinstance(operation, op.Contract):
        return own
    gone = [
        {dim for dim, label in enumerate(labels) if label not in operation.output}
        for labels in operation.labels
    ]
    return tuple(
        EVERYTHING
        if any(
            running <= dims
            for name, dims in zip(node.operands, gone, strict=True)
            for running in running_parts(known[name][axis])
        )
        else state
        for axis, state in enumerate(own)
    )


def _remembered(
    graph: Graph, node: Node, known: Mapping[str, States], global_norms: bool, memory: Memory
) -> States:
    def work() -> States:
        return tuple(map(memory.unique, _states(graph, node, known, global_norms)))

    for name in node.operands:
        if _has_tables(known[name]):
            break
    else:
        return work()
    operands = tuple((known[name], graph[name].shape) for name in node.operands)
    return memory.recall((node.operation, operands, node.shape), work)


_CONSTANT = frozenset({Nothing})
_SIMPLE = frozenset({Nothing, Everything, Line, Parts})
"""The states without arrays."""


def _has_tables(states: States) -> bool:
    """Whether there are arrays among ``states``; without, work is cheaper than a memory of it."""
    return not _SIMPLE.issuperset(map(type, states))


def _states(graph: Graph, node: Node, known: Mapping[str, States], global_norms: bool) -> States:
    operation = node.operation
    if isinstance(operation, op.Input):
        return tuple(_input(operation, axis) for axis in range(graph.axes))
    if isinstance(operation, op.Constant) or 0 in node.shape:
        return (NOTHING,) * graph.axes
    if isinstance(operation, op.Pad) and operation.mode == "constant":
        (source,) = node.operands
        return _padded(operation, known[source], graph[source].shape)
    rule = _crude if type(operation) in _CRUDE else transfer
    shapes = [graph[name].shape for name in node.operands]
    states = [
        rule(operation, list(operands), shapes, node.shape)
        for operands in zip(*(known[name] for name in node.operands), strict=True)
    ]
    if isinstance(operation, op.Reshape) and node.shape != shapes[0]:
        return _joined(known[node.operands[0]], states, shapes[0], node.shape)
    if global_norms and isinstance(operation, op.Norm):
        return tuple(_norm_context(operation, state) for state in states)
    return tuple(states)


def _padded(operation: op.Pad, states: States, source: Shape) -> States:
    """Zeros around the image continue it on every axis; those around channels are constants."""
    spatial = set().union(*map(running_dims, states))
    for mode, inside in (("replicate", True), ("constant", False)):
        before, after = (
            tuple(size if (dim in spatial) is inside else 0 for dim, size in enumerate(sizes))
            for sizes in (operation.before, operation.after)
        )
        shape = tuple(map(sum, zip(before, source, after, strict=True)))
        step = op.Pad(before, after, mode)
        if any(before) or any(after):
            states = tuple(transfer(step, [state], [source], shape) for state in states)
        source = shape
    return states


def _joined(before: States, after: Sequence[State], source: Shape, shape: Shape) -> States:
    """Reshaped states; channels behind positions count as positions, which all axes decide."""
    running = [running_dims(state) for state in before]
    spatial = set().union(*running)
    shared = {dim for dim in spatial if sum(dim in dims for dims in running) > 1}
    return tuple(
        import_module("rfa_core.receptive.reshaping").joined(
            state, dims - shared, spatial, source, shape
        )
        if hasattr(state, "grids")
        else state
        for state, dims in zip(after, running, strict=True)
    )


def _footprint(
    node: Node, own: States, known: Mapping[str, Footprint], memory: Memory
) -> Footprint:
    if _has_tables(own):
        seen = memory.recall((own, node.shape), lambda: _seen(own, node.shape))
    else:
        seen = _seen(own, node.shape)
    measures, running, constant = seen
    reasons = [reason for name in node.operands for reason in known[name].inexact]
    if isinstance(node.operation, (op.Sample, op.Unknown)) and not constant:
        reasons.append(node.operation.reason)
    return Footprint(measures, running, constant, tuple(dict.fromkeys(reasons)) if reasons else ())


def _seen(
    states: States, shape: Shape
) -> tuple[tuple[Measure, ...], tuple[frozenset[int], ...], bool]:
    return (
        tuple([measure(state, shape) for state in states]),
        tuple([frozenset(running_dims(state)) for state in states]),
        _are_constant(states),
    )


def _are_constant(states: Sequence[State]) -> bool:
    return _CONSTANT.issuperset(map(type, states))


def transfer(
    operation: op.Operation, states: list[State], shapes: list[Shape], shape: Shape
) -> State:
    """The state of a result along one axis: the affine way where it is open, else by tables."""
    if _are_constant(states):
        return NOTHING
    if len(states) == 1 and type(operation) in _TRANSPARENT and shapes[0] == shape:
        return states[0]
    if isinstance(operation, op.Window):
        return _window(operation, states, shapes, shape)
    return _data(operation, states, shapes, shape)


def _data(operation: op.Operation, states: list[State], shapes: list[Shape], shape: Shape) -> State:
    if _SIMPLE.issuperset(map(type, states)):
        result = affine.transfer(operation, states, shapes, shape)  # type: ignore[arg-type]
        if result is not None:
            return result
    return import_module("rfa_core.receptive.tabular").transfer(operation, states, shapes, shape)


def _window(operation: op.Window, states: list[State], shapes: list[Shape], shape: Shape) -> State:
    """A window over the first operand; kernels that depend on the input add global context."""
    return _beside(states[1:], _data(operation, states[:1], shapes[:1], shape))


def _beside(others: list[State], state: State) -> State:
    """``state``, with global context if any of the ``others`` depends on the input."""
    return state if _are_constant(others) else seeing_globally(state)


def seeing_globally(state: State) -> State:
    """The state with global context added."""
    if isinstance(state, Nothing):
        return EVERYTHING
    if isinstance(state, Line):
        return state.seeing_globally()
    if isinstance(state, Parts):
        runs = [
            (length, run.seeing_globally() if isinstance(run, Line) else EVERYTHING)
            for length, run in state.runs
        ]
        return parts(state.dim, runs)
    if isinstance(state, Everything):
        return state
    return import_module("rfa_core.receptive.table").table_seeing_globally(state)


def _input(operation: op.Input, axis: int) -> State:
    if axis not in operation.axes:
        return NOTHING
    return Line(operation.axes.index(axis), 1, (0, 0), (0, 0))


def _norm_context(operation: op.Norm, state: State) -> State:
    if isinstance(state, (Nothing, Everything)) or not running_dims(state) & set(operation.dims):
        return state
    return seeing_globally(state)


def running_dims(state: State) -> set[int]:
    """The tensor dimensions that run along the axis."""
    if isinstance(state, Line):
        return {state.dim}
    return set().union(*running_parts(state))


def running_parts(state: State) -> list[set[int]]:
    """The tensor dimensions that run along the axis, for every part of a state that has some."""
    if isinstance(state, (Nothing, Everything)):
        return []
    if isinstance(state, Line):
        return [{state.dim}]
    if isinstance(state, Parts):
        return [{run.dim} for _, run in state.runs if isinstance(run, Line)]
    grids = [{dim for dim, step in enumerate(grid.steps) if step} for grid in state.grids]  # type: ignore[attr-defined]
    return [dims for dims in grids if dims]


def _crude(
    operation: op.Operation, states: list[State], shapes: list[Shape], shape: Shape
) -> State:
    """Operations of which only a bound is known, or that see everything along a dimension."""
    if all(isinstance(state, Nothing) for state in states):
        return NOTHING
    return _CRUDE[type(operation)](operation, states, shapes, shape)


def _sample(
    _operation: op.Operation, states: list[State], shapes: list[Shape], shape: Shape
) -> State:
    """The sampled tensor's own footprint as a bound from below, and global context."""
    state, source = states[0], shapes[0]
    if isinstance(state, Nothing):
        return EVERYTHING
    if source != shape and len(source) == len(shape):
        moved = tuple(dim for dim in running_dims(state) if source[dim] != shape[dim])
        state = transfer(op.Resample(moved, "nearest"), [state], [source], shape)
    elif source != shape:
        return EVERYTHING
    return seeing_globally(state)


def _recurrent(
    operation: op.Recurrent, states: list[State], shapes: list[Shape], shape: Shape
) -> State:
    """A state to begin with that depends on the input adds global context."""
    return _beside(states[1:], _steps(operation, states[0], shapes[0], shape))


def _steps(operation: op.Recurrent, state: State, source: Shape, shape: Shape) -> State:
    """Whole sequences, or one digit of them where windows have their own (dual-path networks)."""
    running = running_dims(state)
    if running == {operation.dim}:
        return EVERYTHING
    if source != shape or operation.bidirectional:
        resized = {dim for dim, size in enumerate(source) if shape[dim] != size}
        return _mixed(state, sorted({operation.dim, *resized}), source, shape)
    if isinstance(state, (Everything, Line)) and operation.dim not in running:
        return state
    return import_module("rfa_core.receptive.tabular").transfer(operation, [state], [source], shape)


def _everything(
    operation: op.Everything, states: list[State], shapes: list[Shape], shape: Shape
) -> State:
    if not operation.dims:
        return EVERYTHING
    return _beside(states[1:], _mixed(states[0], operation.dims, shapes[0], shape))


def _mixed(state: State, dims: Sequence[int], source: Shape, shape: Shape) -> State:
    """Every element along ``dims`` sees all of them."""
    labels = tuple(range(len(source)))
    output = tuple(len(labels) + dim if dim in dims else dim for dim in labels)
    return transfer(op.Contract((labels,), output), [state], [source], shape)


def _unknown(
    _operation: op.Unknown, states: list[State], shapes: list[Shape], shape: Shape
) -> State:
    """Not understood: keeps the first operand of the result's own shape as a lower bound."""
    for state, source in zip(states, shapes, strict=True):
        if source == shape and not isinstance(state, Nothing):
            return seeing_globally(state)
    return EVERYTHING


_TRANSPARENT = frozenset({op.Pointwise, op.Norm, op.Expand, op.Reshape})

_CRUDE: dict[type, Callable[..., State]] = {
    op.Sample: _sample,
    op.Recurrent: _recurrent,
    op.Everything: _everything,
    op.Unknown: _unknown,
}
