"""Sliding windows on maps whose channels come first or last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import keras

from rfa_core.frontends.keras.calls import Call, many
from rfa_core.frontends.phrases import contraction, same_padding, window_size
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape


@dataclass(frozen=True, slots=True)
class Map:
    """Where the positions (``dims``) and the ``channel`` of a tensor are."""

    dims: tuple[int, ...]
    channel: int

    def sizes(self, shape: Sequence[int]) -> tuple[int, ...]:
        """The number of positions along each of ``dims``."""
        return tuple(shape[dim] for dim in self.dims)

    def shape(self, like: Sequence[int], sizes: Sequence[int], channels: int) -> Shape:
        """``like`` with other positions and channels."""
        found = list(like)
        for dim, size in zip(self.dims, sizes, strict=True):
            found[dim] = size
        found[self.channel] = channels
        return tuple(found)


def map_of(rank: int, data_format: str | None, batch: bool = True) -> Map:
    """The layout of a tensor of ``rank`` dimensions, of which the first may be the batch."""
    first = int(batch)
    if (data_format or keras.config.image_data_format()) == "channels_first":
        return Map(tuple(range(first + 1, rank)), first)
    return Map(tuple(range(first, rank - 1)), rank - 1)


@dataclass(frozen=True, slots=True)
class Window:
    """Kernel, stride and dilation per dimension.

    ``padding`` is ``valid``, ``same`` or ``causal``.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str

    def before(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """How many positions are padded before ``sizes``."""
        return tuple(before for before, _ in self._pads(sizes))

    def after(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """How many positions the window makes of ``sizes``."""
        found = zip(sizes, self.kernel, self.stride, self.dilation, self._pads(sizes), strict=True)
        return tuple(window_size(n, k, s, d, *pads) for n, k, s, d, pads in found)

    def _pads(self, sizes: Sequence[int]) -> list[tuple[int, int]]:
        found = zip(sizes, self.kernel, self.stride, self.dilation, strict=True)
        if self.padding == "same":
            return [same_padding(n, k, s, d) for n, k, s, d in found]
        if self.padding == "causal":
            return [(d * (k - 1), 0) for _, k, _, d in found]
        return [(0, 0)] * len(sizes)


def window_of(call: Call, kernel: Sequence[int]) -> Window:
    """The window that a layer or operation is configured with."""
    count = len(kernel)
    return Window(
        tuple(kernel),
        many(call.get("strides") or 1, count),
        many(call.get("dilation_rate") or 1, count),
        str(call.get("padding")).lower(),
    )


def slide(
    call: Call,
    name: str,
    window: Window,
    channels: int,
    groups: int,
    kind: str = "conv",
    *,
    weighted: bool = True,
) -> str:
    """A convolution to ``channels``, or pooling (``groups`` 0), of node ``name``."""
    shape = call.draft.shape(name)
    layout = map_of(len(shape), call.get("data_format"))
    sizes = layout.sizes(shape)
    out = layout.shape(shape, window.after(sizes), channels)
    per_output = shape[layout.channel] // groups * prod(window.kernel) if groups else 0
    return call.draft.add(
        op.Window(
            layout.dims,
            window.kernel,
            window.stride,
            window.dilation,
            window.before(sizes),
            layout.channel,
            groups,
        ),
        [name],
        out,
        kind,
        weighted=weighted,
        macs=prod(out) * per_output,
    )


def spread(call: Call, name: str, window: Window, shape: Shape, kind: str = "conv") -> str:
    """A transposed convolution of node ``name`` to ``shape``.

    It crops what SAME would pad on its output.
    """
    source = call.draft.shape(name)
    layout = map_of(len(shape), call.get("data_format"))
    return call.draft.add(
        op.Window(
            layout.dims,
            window.kernel,
            window.stride,
            window.dilation,
            window.before(layout.sizes(shape)),
            layout.channel,
            transposed=True,
        ),
        [name],
        shape,
        kind,
        weighted=True,
        macs=prod(source) * shape[layout.channel] * prod(window.kernel),
    )


def binned(call: Call) -> str:
    """Adaptive pooling to the positions of the result.

    Bins along dimensions that keep several positions; a contraction where one is left.
    """
    name, out = call.source(), call.shape
    shape, rank = call.draft.shape(name), len(call.shape)
    dims = map_of(rank, call.get("data_format")).dims
    several = tuple(dim for dim in dims if out[dim] != 1)
    single = [dim for dim in dims if out[dim] == 1]
    if several:
        middle = tuple(out[dim] if dim in several else shape[dim] for dim in range(rank))
        name = call.draft.add(op.Resample(several, "adaptive"), [name], middle, call.kind)
    if single:
        name = call.draft.add(contraction(rank, single, keep=True), [name], out, call.kind)
    return name
