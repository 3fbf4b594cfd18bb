"""Layers of custom graphs as steps of a regular network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rfa_core.frontends.custom.kinds import kind_of
from rfa_core.frontends.custom.layers import Layer
from rfa_core.frontends.described import per_axis
from rfa_core.receptive import regular as rg
from rfa_core.receptive.along import IrregularError, Sliding
from rfa_core.receptive.regular import Step

Rule = Callable[[Any, int], Step]
_RULES: dict[str, Rule] = {}


def step_of(layer: Layer, axes: int) -> Step:
    """``layer`` as a step. Raises IrregularError for kinds that may be none."""
    rule, kind = _RULES.get(layer.type), kind_of(layer.type)
    if rule is None or kind is None:
        raise IrregularError
    return rule(kind.make(**layer.options), axes)


def is_unpadded_pool(layer: Layer) -> bool:
    """Whether ``layer`` is a pooling that may have no padding, at some resolution."""
    if layer.type not in ("max_pool", "avg_pool"):
        return False
    padding = layer.options.get("padding", "valid")
    return isinstance(padding, str) or not any((padding,) if padding == 0 else _tuple(padding))


def _step(*kinds: str) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        _RULES.update(dict.fromkeys(kinds, rule))
        return rule

    return register


@_step("input")
def _input(one: Any, axes: int) -> Step:
    return rg.Source(axes, one.channels)


@_step("conv")
def _conv(one: Any, axes: int) -> Step:
    return rg.Slide(_windows(one, axes), one.filters, one.groups, one.bias)


@_step("depthwise_conv")
def _depthwise(one: Any, axes: int) -> Step:
    return rg.Slide(_windows(one, axes), one.multiplier, 1, one.bias, each=True)


@_step("max_pool", "avg_pool")
def _pool(one: Any, axes: int) -> Step:
    return rg.Slide(_windows(one, axes))


@_step("global_pool")
def _global_pool(_one: Any, _axes: int) -> Step:
    return rg.Gather()


@_step("adaptive_pool")
def _adaptive_pool(one: Any, axes: int) -> Step:
    if set(per_axis(one.size, axes, "size")) != {1}:
        raise IrregularError
    return rg.Gather()


@_step("dense")
def _dense(one: Any, _axes: int) -> Step:
    return rg.Connect(one.units, one.bias)


@_step("norm")
def _norm(_one: Any, _axes: int) -> Step:
    return rg.Keep(scales=2)


@_step("activation")
def _activation(_one: Any, _axes: int) -> Step:
    return rg.Keep()


@_step("add", "multiply")
def _merge(_one: Any, _axes: int) -> Step:
    return rg.Merge()


@_step("concat")
def _concat(_one: Any, _axes: int) -> Step:
    return rg.Join()


@_step("channels")
def _channels(one: Any, _axes: int) -> Step:
    return rg.Take(one.start, one.stop)


@_step("channel_shuffle")
def _channel_shuffle(one: Any, _axes: int) -> Step:
    return rg.Interleave(one.groups)


@_step("pad")
def _pad(one: Any, axes: int) -> Step:
    if one.mode not in ("constant", "replicate"):
        raise IrregularError
    return _extended(one, axes, 1)


@_step("crop")
def _crop(one: Any, axes: int) -> Step:
    return _extended(one, axes, -1)


def _extended(one: Any, axes: int, sign: int) -> Step:
    start, end = per_axis(one.start, axes, "start"), per_axis(one.end, axes, "end")
    added = tuple(sign * (low + high) for low, high in zip(start, end, strict=True))
    return rg.Extend(added, written=any(start) or any(end))


def _windows(one: Any, axes: int) -> tuple[Sliding, ...]:
    """One object where all axes are alike."""
    stride = one.kernel if one.stride is None else one.stride
    options = (one.kernel, stride, one.dilation, one.padding)
    if not any(isinstance(value, tuple) for value in options):
        return (_window(*options),) * axes
    columns = zip(*(_spread(value, axes) for value in options), strict=True)
    return tuple(_window(*column) for column in columns)


def _spread(value: Any, axes: int) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,) * axes


def _window(kernel: int, stride: int, dilation: int, padding: int | str) -> Sliding:
    span = (kernel - 1) * dilation
    if padding == "same":
        return Sliding(kernel, span, stride, stride - 1)
    added = 0 if isinstance(padding, str) else 2 * padding
    return Sliding(kernel, span, stride, added - span - 1 + stride)


def _tuple(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,)
