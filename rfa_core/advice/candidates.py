"""The single edits that a network offers, one function per kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rfa_core.advice.changes import Edit, Kind, Removal, WindowChange
from rfa_core.advice.state import State
from rfa_core.advice.trunk import Segment, block_depth, channel_between
from rfa_core.graph import operations as op
from rfa_core.graph.model import Node

Strides = dict[tuple[object, ...], list[Node]]
_MOVES = 3
"""To how many later layers a stride is tried to be moved."""
_ENDS = 3
"""Before how many of the last cuts a tail is tried to end: what follows stays as the head."""
_STEM = 3
"""What a kernel that reads the image is made."""


def candidates(state: State) -> Iterator[Edit]:
    """Every single edit that may help; whether it fits, and helps, is to be seen."""
    for kind in _KINDS:
        yield from kind(state)


def strided(state: State) -> Strides:
    """Windows with a stride, by where in the network they stand: those that shrink the same map
    do so together, or what they make could not be merged."""
    found: Strides = {}
    for node in state.graph:
        window = node.operation
        if not isinstance(window, op.Window) or window.transposed or max(window.stride) == 1:
            continue
        lines = state.lines[node.name]
        if any(line is None or line.dim is None for line in lines):
            continue
        after = tuple(line.stride for line in lines if line)
        found.setdefault((after, window.stride), []).append(node)
    return found


def without_stride(group: Sequence[Node]) -> Edit:
    """All of ``group`` (one of ``strided``) with a stride of 1; poolings that cut the map into
    tiles are gone.

    Strides of 4 and more are halved: the rest can go in a second step."""
    pools = [node for node in group if _is_patch(node) and not node.weighted]
    if len(pools) == len(group) or all(not node.weighted for node in group):
        return Edit(Kind.POOLING, removals=tuple(_removed(node) for node in group))
    changes = {}
    for node in group:
        window = _window(node)
        stride = tuple(size // 2 if size % 2 == 0 else 1 for size in window.stride)
        kernel = stride if _is_patch(node) else window.kernel
        if node not in pools:
            changes[node.layer] = WindowChange(
                node.layer, window, replace(window, stride=stride, kernel=kernel)
            )
    return Edit(Kind.STRIDE, tuple(changes.values()), tuple(_removed(node) for node in pools))


def _strides(state: State) -> Iterator[Edit]:
    for group in strided(state).values():
        yield without_stride(group)


def _removed(node: Node) -> Removal:
    return Removal(node.operands[0], node.name)


def _is_patch(node: Node) -> bool:
    """Whether it cuts the map into tiles."""
    window = _window(node)
    return window.kernel == window.stride and not any(window.padding)


def _window(node: Node) -> op.Window:
    assert isinstance(node.operation, op.Window)
    return node.operation


def _kernels(state: State) -> Iterator[Edit]:
    """The kernels that read the image itself."""
    for node in state.graph:
        if not node.weighted or not isinstance(node.operation, op.Window) or _is_patch(node):
            continue
        lines = state.lines[node.operands[0]]
        if any(line is None or line.dim is None or line.size != 1 for line in lines):
            continue
        window = node.operation
        smaller = _smaller(window)
        if smaller is not None:
            yield Edit(Kind.KERNEL, (WindowChange(node.layer, window, smaller),))


def _smaller(window: op.Window) -> op.Window | None:
    kernel = tuple(min(size, _STEM) if size % 2 else size for size in window.kernel)
    if kernel == window.kernel or window.transposed:
        return None
    padding = tuple(
        max(pad - gap * (old - new) // 2, 0)
        for pad, gap, old, new in zip(
            window.padding, window.dilation, window.kernel, kernel, strict=True
        )
    )
    return replace(window, kernel=kernel, padding=padding)


def _dilations(state: State) -> Iterator[Edit]:
    groups: dict[tuple[object, ...], dict[str, WindowChange]] = {}
    for node in state.graph:
        window = node.operation
        if not isinstance(window, op.Window) or max(window.dilation) == 1 or not node.weighted:
            continue
        padding = tuple(
            pad - (gap - 1) * (size - 1) // 2
            for pad, gap, size in zip(window.padding, window.dilation, window.kernel, strict=True)
        )
        if min(padding) >= 0:
            plain = replace(window, dilation=(1,) * len(padding), padding=padding)
            change = WindowChange(node.layer, window, plain)
            groups.setdefault((window.dilation,), {})[node.layer] = change
    for changes in groups.values():
        yield Edit(Kind.DILATION, tuple(changes.values()))


def _moves(state: State) -> Iterator[Edit]:
    """The stride of one place given to a later layer that every path goes through."""
    places = {node.name: place for place, node in enumerate(state.graph)}
    targets = [node for node in _alone(state) if max(_window(node).stride) == 1]
    for group in strided(state).values():
        stride = _window(group[0]).stride
        if max(stride) != 2 or any(node.weighted and _is_patch(node) for node in group):
            continue
        gone = without_stride(group)
        last = max(places[node.name] for node in group)
        later = [node for node in targets if places[node.name] > last]
        for node in later[:_MOVES]:
            window = _window(node)
            if len(stride) == len(window.stride):
                moved = WindowChange(node.layer, window, replace(window, stride=stride))
                yield Edit(Kind.MOVED_STRIDE, (*gone.windows, moved), gone.removals)


def _alone(state: State) -> Iterator[Node]:
    """Kernels larger than 1 that are the only ones of their segment, beside gates."""
    for segment in state.segments:
        if len(segment.layers) == 1:
            yield from _spatial(segment)[:1]


def _spatial(segment: Segment) -> list[Node]:
    return [
        node
        for node in segment.nodes
        if node.weighted
        and isinstance(node.operation, op.Window)
        and max(node.operation.kernel) > 1
    ]


def _tails(state: State) -> Iterator[Edit]:
    """All that comes after a cut before the border, up to the head."""
    segments = state.segments
    dead = state.unproductive
    border = next((at for at, one in enumerate(segments) if dead & set(one.layers)), None)
    if border is None:
        return
    deepest = block_depth(segments)
    starts: dict[int, int] = {}
    for at in range(border, 0, -1):
        if segments[at].depth <= deepest:
            starts.setdefault(segments[at].depth, at)
    ends = [at - 1 for at, one in enumerate(segments) if one.depth <= deepest]
    ends = [len(segments) - 1, *reversed(ends)]
    for at in sorted(starts.values(), reverse=True):
        shape = segments[at].source.shape
        alike = [end for end in ends if len(segments[end].last.shape) == len(shape)]
        for end in alike[:_ENDS]:
            gone, shortens = segments[at : end + 1], shape == segments[end].last.shape
            if any(one.layers for one in gone) and not (shortens and end < alike[0]):
                yield _cut(state, Kind.TAIL, gone)


def _stages(state: State) -> Iterator[Edit]:
    """Blocks from the end of a run of them that all keep the shape of their map."""
    dead = state.unproductive
    for run in _runs(state.segments):
        first = next((at for at, one in enumerate(run) if dead & set(one.layers)), None)
        if first is not None:
            for at in sorted({0, first, len(run) - 1}):
                yield _cut(state, Kind.STAGE, run[at:])


def _runs(segments: list[Segment]) -> Iterator[list[Segment]]:
    """Blocks in a row that are built alike; one alone has to be residual."""
    run: list[Segment] = []
    for segment in [*segments, None]:
        if run and (segment is None or segment.structure != run[-1].structure):
            if run[0].layers and (len(run) > 1 or run[0].is_residual):
                yield run
            run = []
        if segment is not None and segment.keeps_shape:
            run.append(segment)


def _cut(state: State, kind: Kind, segments: list[Segment]) -> Edit:
    source, last = segments[0].source, segments[-1].last
    channel = channel_between(source, last, state.lines)
    return Edit(kind, removals=(Removal(source.name, last.name, channel),))


_KINDS: tuple[Callable[[State], Iterator[Edit]], ...] = (
    _strides,
    _kernels,
    _dilations,
    _moves,
    _stages,
    _tails,
)
