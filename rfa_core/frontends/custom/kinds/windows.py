"""Kernels that slide over positions: convolution, pooling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from rfa_core.frontends.custom.kinds.base import layer_kind
from rfa_core.frontends.custom.options import Padding, Sizes
from rfa_core.frontends.described import MisfitError, padded_size, per_axis, transposed_size
from rfa_core.frontends.draft import Draft
from rfa_core.frontends.phrases import reduced
from rfa_core.graph import operations as op


@layer_kind("conv")
@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution.

    ``"same"`` padding makes ``ceil(n / stride)`` positions of ``n``, an odd one added at the end.
    """

    filters: int
    kernel: Sizes
    stride: Sizes = 1
    dilation: Sizes = 1
    padding: Padding = "same"
    groups: int = 1
    bias: bool = True

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        window, sizes = slid(draft, sources[0], self, self.groups)
        channels = draft.shape(sources[0])[1]
        _grouped(channels, self.filters, self.groups)
        weights = self.filters * channels // self.groups * prod(window.kernel)
        return draft.add(
            window,
            sources,
            (1, self.filters, *sizes),
            "conv",
            weighted=True,
            parameters=weights + (self.filters if self.bias else 0),
            macs=weights * prod(sizes),
        )


@layer_kind("depthwise_conv")
@dataclass(frozen=True, slots=True)
class DepthwiseConv:
    """A convolution of each channel by itself, to ``multiplier`` channels each."""

    kernel: Sizes
    stride: Sizes = 1
    dilation: Sizes = 1
    padding: Padding = "same"
    multiplier: int = 1
    bias: bool = True

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        channels = map_of(draft, sources[0])[1]
        conv = Conv(
            channels * self.multiplier,
            self.kernel,
            self.stride,
            self.dilation,
            self.padding,
            channels,
            self.bias,
        )
        return conv.write(draft, sources)


@layer_kind("transposed_conv")
@dataclass(frozen=True, slots=True)
class TransposedConv:
    """A transposed convolution; ``"same"`` padding makes ``n * stride`` positions of ``n``.

    ``output_padding`` positions are added at the end.
    """

    filters: int
    kernel: Sizes
    stride: Sizes = 1
    dilation: Sizes = 1
    padding: Padding = "same"
    output_padding: Sizes = 0
    groups: int = 1
    bias: bool = True

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        shape = map_of(draft, sources[0])
        count, channels = len(shape) - 2, shape[1]
        _grouped(channels, self.filters, self.groups)
        kernel, stride, dilation = _numbers(self, count)
        extra = per_axis(self.output_padding, count, "output_padding")
        sized = [
            transposed_size(*one)
            for one in zip(
                shape[2:], kernel, stride, dilation, _paddings(self.padding, count), extra,
                strict=True,
            )
        ]  # fmt: skip
        cut = tuple(before for _, before in sized)
        dims = tuple(range(2, len(shape)))
        weights = channels * self.filters // self.groups * prod(kernel)
        return draft.add(
            op.Window(dims, kernel, stride, dilation, cut, 1, self.groups, transposed=True),
            sources,
            (1, self.filters, *(size for size, _ in sized)),
            "conv_transpose",
            weighted=True,
            parameters=weights + (self.filters if self.bias else 0),
            macs=weights * prod(shape[2:]),
        )


@dataclass(frozen=True, slots=True)
class _Pool:
    kernel: Sizes
    stride: Sizes | None = None
    dilation: Sizes = 1
    padding: Padding = "valid"

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        window, sizes = slid(draft, sources[0], self, 0)
        return draft.add(window, sources, (*draft.shape(sources[0])[:2], *sizes), "pool")


@layer_kind("max_pool")
@dataclass(frozen=True, slots=True)
class MaxPool(_Pool):
    """A maximum over windows; the stride is that of the kernel where none is given."""


@layer_kind("avg_pool")
@dataclass(frozen=True, slots=True)
class AvgPool(_Pool):
    """A mean over windows; the stride is that of the kernel where none is given."""


@layer_kind("global_pool")
@dataclass(frozen=True, slots=True)
class GlobalPool:
    """A mean or maximum over all positions, which leaves one."""

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        dims = range(2, len(map_of(draft, sources[0])))
        return reduced(draft, sources[0], dims, keep=True, kind="global_pool")


@layer_kind("adaptive_pool")
@dataclass(frozen=True, slots=True)
class AdaptivePool:
    """Pooling to ``size`` positions, whatever comes in."""

    size: Sizes

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        shape, name = map_of(draft, sources[0]), sources[0]
        sizes = per_axis(self.size, len(shape) - 2, "size")
        single = [dim for dim, size in enumerate(sizes, 2) if size == 1]
        binned = tuple(dim for dim, size in enumerate(sizes, 2) if size > 1)
        if binned:
            made = [sizes[dim - 2] if dim in binned else n for dim, n in enumerate(shape)]
            name = draft.add(op.Resample(binned, "adaptive"), [name], made, "adaptive_pool")
        return reduced(draft, name, single, keep=True, kind="adaptive_pool")


def map_of(draft: Draft, source: str) -> tuple[int, ...]:
    """The shape of ``source``, which has positions. Raises MisfitError if it has none."""
    shape = draft.shape(source)
    if len(shape) < 3:
        raise MisfitError(f"it needs a map with positions, and gets the vector {list(shape)}")
    return shape


def slid(
    draft: Draft, source: str, layer: Conv | _Pool, groups: int
) -> tuple[op.Window, tuple[int, ...]]:
    """The window of ``layer`` over ``source``, and how many positions it makes per axis."""
    shape = map_of(draft, source)
    kernel, stride, dilation = _numbers(layer, len(shape) - 2)
    paddings = _paddings(layer.padding, len(shape) - 2)
    sized = [
        padded_size(*one) for one in zip(shape[2:], kernel, stride, dilation, paddings, strict=True)
    ]
    before = tuple(one for _, one in sized)
    dims = tuple(range(2, len(shape)))
    window = op.Window(dims, kernel, stride, dilation, before, channel=1, groups=groups)
    return window, tuple(size for size, _ in sized)


def _numbers(
    layer: Conv | TransposedConv | _Pool, count: int
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    stride = layer.kernel if layer.stride is None else layer.stride
    return (
        per_axis(layer.kernel, count, "kernel"),
        per_axis(stride, count, "stride"),
        per_axis(layer.dilation, count, "dilation"),
    )


def _paddings(padding: Padding, count: int) -> tuple[int | str, ...]:
    return (padding,) * count if isinstance(padding, str) else per_axis(padding, count, "padding")


def _grouped(channels: int, filters: int, groups: int) -> None:
    for what, number in (("channels that come in", channels), ("filters", filters)):
        if number % groups:
            raise MisfitError(f"{number} {what} do not make {groups} groups")
