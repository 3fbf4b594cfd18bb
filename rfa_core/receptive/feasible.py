"""The range of resolutions that a network suits (specification, section 5)."""

from __future__ import annotations

from collections.abc import Iterable

from rfa_core.receptive.layers import Layer
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import is_judged


def min_resolution(layers: Iterable[Layer], policy: Policy) -> int | None:
    """The smallest square resolution from which on no judged layer is unproductive.

    A layer is unproductive at ``i`` pixels as long as, on every axis, its input has seen
    ``i`` and its output more. None if no layer is judged.
    """
    limits = [_last_unproductive(layer, policy) for layer in layers if is_judged(layer, policy)]
    return max(limits) + 1 if limits else None


def max_resolution(layers: Iterable[Layer], policy: Policy, axes: int) -> tuple[int | None, ...]:
    """Per axis, the largest local footprint of any judged layer; None if none is judged."""
    sizes = [layer.output.max for layer in layers if is_judged(layer, policy)]
    return tuple(
        max((size[axis] for size in sizes if size[axis] is not None), default=None)  # type: ignore[type-var]
        for axis in range(axes)
    )


def _last_unproductive(layer: Layer, policy: Policy) -> int:
    """The largest square size at which every call of the layer is unproductive."""
    calls = (layer, *layer.other_calls)
    return max(0, min(_limit(call, policy.strict_tie) for call in calls))


def _limit(call: Layer, strict_tie: bool) -> int:
    slack = 1 if strict_tie else 0
    seen = [size - slack for size in call.input.min if size]
    grown = [size - 1 for size in call.output.min if size]
    return min([*seen, *grown])
