"""Where a footprint comes from, in words; shared by text, figure and data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rfa_core.drawing.wording import moving, shortened
from rfa_core.findings import Explanation
from rfa_core.graph import operations as op
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.origin import Cause, Origin, Step
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.wording import (
    axis_name,
    enumerate_words,
    flat,
    named,
    on_axes,
    pixels,
    window,
)

MOST_SEERS = 3


@dataclass(frozen=True, slots=True)
class Stairs:
    """One path on the axes that it is the same on: ``size`` is the image's there."""

    title: str
    size: int
    steps: tuple[Step, ...]

    @property
    def shown(self) -> tuple[Step, ...]:
        """The steps that add something or change the stride, and both ends."""
        after = [*(step.jump for step in self.steps[1:]), None]
        return tuple(
            step
            for step, stride in zip(self.steps, after, strict=True)
            if step.added or step.jump != stride
        )

    @property
    def passing(self) -> Step | None:
        """The step from which on as much is seen as the whole image."""
        seeing = takewhile(lambda step: step.total >= self.size, reversed(self.steps))
        return next(reversed(list(seeing)), None)


def stairs_of(found: Explanation) -> list[Stairs]:
    """The shortest path and, where it is another, the widest, axis by axis where they differ."""
    axes = range(len(found.origins))
    groups: dict[object, list[int]] = {}
    for axis in axes:
        one = found.origins[axis]
        key = (found.resolution[axis], _facts(one.shortest), _facts(one.widest))
        groups.setdefault(key, []).append(axis)
    return [
        Stairs(f"{kind} path{_where(group, len(axes))}: {steps[-1].total} px", size, steps)
        for group in groups.values()
        for kind, steps in _paths(found.origins[group[0]])
        for size in [found.resolution[group[0]]]
    ]


def _paths(one: Origin) -> Iterator[tuple[str, tuple[Step, ...]]]:
    if one.shortest:
        yield "shortest", one.shortest
    if one.widest and _facts(one.widest) != _facts(one.shortest):
        yield "widest", one.widest


def _facts(path: Sequence[Step]) -> tuple[tuple[str, int], ...]:
    return tuple((step.node.name, step.added) for step in path)


def _where(group: Sequence[int], axes: int) -> str:
    if len(group) == axes:
        return ""
    return f" in {enumerate_words(axis_name(axis, axes) for axis in group)}"


def doing_of(step: Step) -> str:
    """``Conv2d 3x3 / 2``."""
    if isinstance(step.node.operation, op.Window):
        return moving(step.node.type, step.node.operation)
    words = flat(step.node.type)
    return "" if words == flat(step.node.layer) else shortened(words)


def adding(step: Step) -> str:
    """``+16 = (3 - 1) · 8``: the pixels that a step adds, and what explains them."""
    if isinstance(step.node.operation, op.Input):
        return "1"
    if step.cause is Cause.NOTHING:
        return ""
    kernel = f" = {_rule(step)}" if step.by_kernel else ""
    reason = _REASONS[step.cause]
    if step.cause is Cause.BRANCHES and kernel:
        return f"+{step.added}{kernel} + {step.added - int(step.by_kernel)}: {reason}"
    if reason:
        return f"{step.added:+}: {reason}"
    return f"+{step.added}{kernel}"


_REASONS: Mapping[Cause, str] = {
    Cause.KERNEL: "",
    Cause.BRANCHES: "other branches reach further",
    Cause.POSITIONS: "by position, from the engine's tables",
    Cause.BOUND: "at least; data decide",
}


def _rule(step: Step) -> str:
    factors = [f"({step.kernel} - 1)"]
    factors += [str(step.dilation)] if step.dilation > 1 else []
    return " · ".join([*factors, str(step.jump)])


def sentences(found: Explanation) -> list[str]:
    """What there is to say: the verdict, why, and what the numbers leave open."""
    layer = found.judged.layer
    return [
        verdict_words(found),
        *_call(found),
        *_border(found),
        *_seers(found),
        *(f"The footprint is only a bound: {flat(reason)}." for reason in layer.inexact),
        *_elsewhere(found),
    ]


def verdict_words(found: Explanation) -> str:
    """The verdict of the layer, in plain words."""
    judged = found.judged
    name, image = named(flat(judged.layer.name)), pixels(found.resolution)
    start = f"{name} is {_CALLED.get(judged.verdict, judged.verdict)} at {image} px"
    tie = " A tie decides." if judged.tie else ""
    return f"{start}: {_VERDICTS[judged.verdict](judged.layer, found.resolution)}.{tie}"


def _unproductive(layer: Layer, _: Sequence[int]) -> str:
    return (
        f"what it receives has seen {pixels(layer.input.min)} px already, all of the image, even "
        f"along the shortest path; {_own(layer)} has nothing left to relate"
    )


def _critical(layer: Layer, _: Sequence[int]) -> str:
    return (
        f"it receives {pixels(layer.input.min)} px, less than the image, and {_own(layer)} takes "
        f"it past the image, to {pixels(layer.output.min)} px"
    )


def _partial(layer: Layer, resolution: Sequence[int]) -> str:
    past = [
        f"{size} px" if size is None or size > image else None
        for size, image in zip(layer.output.min, resolution, strict=True)
    ]
    return f"it sees past the image on some axes only: {on_axes(past)}"


def _full_kernel(layer: Layer, _: Sequence[int]) -> str:
    return (
        f"its {window(layer.kernel)} kernel covers the map that it receives, "
        f"{window(layer.input_feature_map)}: it works as a dense layer"
    )


def _productive(layer: Layer, resolution: Sequence[int]) -> str:
    return (
        f"its shortest path sees {pixels(layer.output.min)} of {pixels(resolution)} px, so it can "
        "still add context"
    )


def _not_judged(layer: Layer, _: Sequence[int]) -> str:
    if layer.dense:
        return "it sees everything: there is no footprint to judge"
    return "it has no weights, or does not apply them at positions"


def _own(layer: Layer) -> str:
    if all(size == 1 for size in layer.kernel):
        return "the layer itself"
    return f"its own {window(layer.kernel)} kernel"


_VERDICTS: Mapping[Verdict, Callable[[Layer, Sequence[int]], str]] = {
    Verdict.UNPRODUCTIVE: _unproductive,
    Verdict.CRITICAL: _critical,
    Verdict.PARTIAL: _partial,
    Verdict.FULL_KERNEL: _full_kernel,
    Verdict.PRODUCTIVE: _productive,
    Verdict.NOT_JUDGED: _not_judged,
}


_CALLED = {Verdict.FULL_KERNEL: "a full kernel", Verdict.NOT_JUDGED: "not judged"}


def _call(found: Explanation) -> Iterator[str]:
    layer = found.judged.layer
    if layer.calls > 1:
        number = found.origins[0].node.call + 1
        rest = "; the verdict is that of the best" if layer.other_calls else ""
        yield f"Of its {layer.calls} calls this is number {number}, which saw least{rest}."


def _border(found: Explanation) -> Iterator[str]:
    for stairs in stairs_of(found):
        where = stairs.title.partition(":")[0]
        step = stairs.passing
        if step is None:
            yield f"The {where} stays inside the {stairs.size} px of the image."
        else:
            there = f"at {named(flat(step.node.layer))}, with {step.total} px"
            yield f"The {where} reaches the {stairs.size} px of the image {there}."


def _seers(found: Explanation) -> Iterator[str]:
    seers = {node.layer: node.kind for one in found.origins for node in one.seers}
    if not seers:
        return
    words = [f"{named(flat(layer))} ({flat(kind)})" for layer, kind in seers.items()]
    more = f" and {len(words) - MOST_SEERS} more" if len(words) > MOST_SEERS else ""
    some = "Every" if all(not one.shortest for one in found.origins) else "Some"
    listed = ", ".join(words[:MOST_SEERS]) if more else enumerate_words(words)
    yield f"{some} path sees everything, through {listed}{more}."


def _elsewhere(found: Explanation) -> Iterator[str]:
    if found.traced_at != found.resolution:
        asked, there = pixels(found.resolution), pixels(found.traced_at)
        yield f"The model cannot run at {asked} px: these are its paths at {there} px."
