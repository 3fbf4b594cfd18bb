"""Convolution and pooling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.registry import (
    MICROSOFT,
    Call,
    RefusedError,
    Results,
    translates,
)
from rfa_core.frontends.phrases import contraction, same_padding, transposed, window_size
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape

LARGEST = 2**24
"""Windows and paddings that are larger are refused: no map has as many positions."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """A window along the positions: what it is, what it pads and how many positions it makes."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    before: tuple[int, ...]
    sizes: tuple[int, ...]

    def window(self, first: int, groups: int, transposed: bool = False) -> op.Window:
        """The operation; positions start at dimension ``first``, channels come before."""
        dims = tuple(range(first, first + len(self.kernel)))
        return op.Window(
            dims,
            self.kernel,
            self.stride,
            self.dilation,
            self.before,
            first - 1,
            groups,
            transposed,
        )


def geometry(call: Call, sizes: Sequence[int], kernel: Sequence[int]) -> Geometry:
    """The window of a convolution or pooling over ``sizes`` positions.

    Raises RefusedError if no position is left. Source: the ONNX operators, ``auto_pad``
    (``SAME_LOWER`` puts an odd rest before) and ``ceil_mode`` (no window starts in the padding
    behind the map).
    """
    count = len(sizes)
    stride = per_dimension(call, "strides", count)
    dilation = per_dimension(call, "dilations", count)
    auto = call.attr("auto_pad", "NOTSET")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        pads = [same_padding(*one) for one in zip(sizes, kernel, stride, dilation, strict=True)]
        pads = [one if auto == "SAME_UPPER" else one[::-1] for one in pads]
    else:
        pads = _pads(call, count) if auto == "NOTSET" else [(0, 0)] * count
    ceil = bool(call.attr("ceil_mode", 0))
    if max(*kernel, *stride, *dilation, *map(max, pads)) > LARGEST:
        raise RefusedError(f"{call.name} has a window of more than {LARGEST} positions")
    made = tuple(
        _positions(size, *one, before, after, ceil)
        for size, one, (before, after) in zip(
            sizes, zip(kernel, stride, dilation, strict=True), pads, strict=True
        )
    )
    if any(size < 1 for size in made):
        reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
        padded = [size + sum(pad) for size, pad in zip(sizes, pads, strict=True)]
        raise RefusedError(
            f"a window of {'x'.join(map(str, reach))} does not fit a map of "
            f"{'x'.join(map(str, padded))}"
        )
    return Geometry(tuple(kernel), stride, dilation, tuple(low for low, _ in pads), made)


def per_dimension(call: Call, name: str, count: int, default: int = 1) -> tuple[int, ...]:
    """An attribute of one positive number per dimension."""
    values = tuple(call.attr(name) or (default,) * count)
    if len(values) != count or any(value < 1 for value in values):
        raise RefusedError(f"{call.name} has {name} {list(values)} for {count} dimensions")
    return values


def _pads(call: Call, count: int) -> list[tuple[int, int]]:
    pads = list(call.attr("pads") or (0,) * (2 * count))
    if len(pads) != 2 * count:
        raise RefusedError(f"{call.name} has pads {pads} for {count} dimensions")
    return list(zip(pads[:count], pads[count:], strict=True))


def _positions(
    size: int, kernel: int, stride: int, dilation: int, before: int, after: int, ceil: bool
) -> int:
    made = window_size(size, kernel, stride, dilation, before, after)
    if not ceil or made < 1:
        return made
    rest = (size + before + after - dilation * (kernel - 1) - 1) % stride
    return made + 1 if rest and made * stride < size + before else made


@translates("Conv")
def _conv(draft: Draft, call: Call) -> Results:
    return convolved(draft, call, call.operand(draft, 0), 1)


@translates("ConvInteger")
def _conv_integer(draft: Draft, call: Call) -> Results:
    return convolved(draft, call, call.operand(draft, 0), 1)


@translates("QLinearConv")
@translates("QLinearConv", domain=MICROSOFT)
def _conv_quantised(draft: Draft, call: Call) -> Results:
    source = call.operand(draft, 0)
    last = bool(call.attr("channels_last", 0))
    return _channels_last(draft, call, source, 3) if last else convolved(draft, call, source, 3)


@translates("FusedConv", domain=MICROSOFT)
def _conv_fused(draft: Draft, call: Call) -> Results:
    """A convolution, the addition of a fourth input, and an activation."""
    name = convolved(draft, call, call.operand(draft, 0), 1)
    added = call.value(3)
    if added is not None and added.node is not None:
        name = draft.add(op.Pointwise(), [name, added.node], draft.shape(name), "add")
    return name


@translates("NhwcConv", "NhwcFusedConv", domain=MICROSOFT)
def _conv_channels_last(draft: Draft, call: Call) -> Results:
    return _channels_last(draft, call, call.operand(draft, 0), 1)


def _channels_last(draft: Draft, call: Call, source: str, weight: int) -> str:
    """The window is the same, with channels behind the positions; weights are channels first."""
    rank = len(draft.shape(source))
    first = transposed(draft, source, (0, rank - 1, *range(1, rank - 1)))
    made = convolved(draft, call, first, weight)
    return transposed(draft, made, (0, *range(2, rank), 1))


def convolved(draft: Draft, call: Call, source: str, weight: int) -> str:
    """A convolution of ``source``, channels first, with the weight that is input ``weight``."""
    shape, kernel = draft.shape(source), call.shape_of(weight)
    groups = call.attr("group", 1)
    if len(kernel) != len(shape) or len(shape) < 3:
        raise RefusedError(f"a weight of {list(kernel)} for a tensor of {list(shape)}")
    if groups < 1 or shape[1] != kernel[1] * groups or kernel[0] % groups:
        raise RefusedError(
            f"a weight of {list(kernel)} in {groups} groups wants {kernel[1] * groups} channels, "
            f"and gets {shape[1]}"
        )
    seen = geometry(call, shape[2:], call.attr("kernel_shape") or kernel[2:])
    out = (shape[0], kernel[0], *seen.sizes)
    others = [call.value(place) for place in (weight, weight + 1 if weight == 1 else 8)]
    dynamic = [value.node for value in others if value is not None and value.node is not None]
    return draft.add(
        seen.window(2, groups),
        [source, *dynamic],
        out,
        "conv",
        weighted=True,
        macs=prod(out) * kernel[1] * prod(seen.kernel),
    )


@translates("ConvTranspose")
def _conv_transposed(draft: Draft, call: Call) -> Results:
    shape, weight = call.shape_of(0), call.shape_of(1)
    groups = call.attr("group", 1)
    if len(weight) != len(shape) or groups < 1 or shape[1] != weight[0]:
        raise RefusedError(f"a weight of {list(weight)} for a tensor of {list(shape)}")
    kernel = tuple(call.attr("kernel_shape") or weight[2:])
    before, sizes = _transposed_map(call, shape[2:], kernel)
    if any(size < 1 for size in sizes) or max(*sizes, *kernel) > LARGEST:
        raise RefusedError(f"{list(shape)} would become a map of {list(sizes)}")
    seen = Geometry(
        kernel,
        per_dimension(call, "strides", len(kernel)),
        per_dimension(call, "dilations", len(kernel)),
        before,
        sizes,
    )
    operands = [call.operand(draft, 0)]
    operands += [value.node for value in call.inputs[1:] if value is not None and value.node]
    return draft.add(
        seen.window(2, groups, transposed=True),
        operands,
        (shape[0], weight[1] * groups, *sizes),
        "conv",
        weighted=True,
        macs=prod(shape) * weight[1] * prod(kernel),
    )


def _transposed_map(
    call: Call, sizes: Shape, kernel: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What is cut off before, and the positions that are left.

    Source: ONNX, ConvTranspose: an odd rest of the padding is cut off before the map unless
    ``auto_pad`` is SAME_UPPER.
    """
    count = len(sizes)
    stride = per_dimension(call, "strides", count)
    dilation = per_dimension(call, "dilations", count)
    extra = tuple(call.attr("output_padding") or (0,) * count)
    whole = [
        s * (n - 1) + o + d * (k - 1) + 1
        for n, k, s, d, o in zip(sizes, kernel, stride, dilation, extra, strict=True)
    ]
    auto, asked = call.attr("auto_pad", "NOTSET"), call.attr("output_shape")
    if asked is None and auto in ("SAME_UPPER", "SAME_LOWER"):
        asked = [n * s for n, s in zip(sizes, stride, strict=True)]
    if asked is None:
        pads = _pads(call, count) if auto == "NOTSET" else [(0, 0)] * count
        made = tuple(size - sum(pad) for size, pad in zip(whole, pads, strict=True))
        return tuple(low for low, _ in pads), made
    made = tuple(asked[-count:])
    total = [max(size - own, 0) for size, own in zip(whole, made, strict=True)]
    before = tuple(one // 2 if auto == "SAME_UPPER" else one - one // 2 for one in total)
    return before, made


@translates("MaxPool", "AveragePool", "LpPool")
def _pool(draft: Draft, call: Call) -> Results:
    return _pooled(draft, call, call.operand(draft, 0))


@translates("QLinearAveragePool", "NhwcMaxPool", domain=MICROSOFT)
def _pool_quantised(draft: Draft, call: Call) -> Results:
    source = call.operand(draft, 0)
    if call.name != "NhwcMaxPool" and not call.attr("channels_last", 0):
        return _pooled(draft, call, source)
    rank = len(draft.shape(source))
    first = transposed(draft, source, (0, rank - 1, *range(1, rank - 1)))
    return transposed(draft, _pooled(draft, call, first), (0, *range(2, rank), 1))


_POOLS = {
    "MaxPool": "max_pool",
    "NhwcMaxPool": "max_pool",
    "AveragePool": "avg_pool",
    "QLinearAveragePool": "avg_pool",
    "LpPool": "lp_pool",
}


def _pooled(draft: Draft, call: Call, source: str) -> str:
    shape = draft.shape(source)
    kernel = call.attr("kernel_shape")
    if kernel is None or len(kernel) != len(shape) - 2 or min(kernel) < 1:
        raise RefusedError(f"{call.name} has kernel_shape {kernel} for a tensor of {list(shape)}")
    seen = geometry(call, shape[2:], kernel)
    kind = f"{_POOLS[call.name]}{len(kernel)}d"
    return draft.add(seen.window(2, 0), [source], (*shape[:2], *seen.sizes), kind)


@translates("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
@translates("QLinearGlobalAveragePool", domain=MICROSOFT)
def _global_pool(draft: Draft, call: Call) -> Results:
    shape = call.shape_of(0)
    first = 1 if call.attr("channels_last", 0) else 2
    gone = range(first, first + len(shape) - 2)
    out = [1 if dim in gone else size for dim, size in enumerate(shape)]
    kind = "max" if "Max" in call.name else "mean"
    return draft.add(contraction(len(shape), gone, keep=True), [call.operand(draft, 0)], out, kind)


@translates("LRN")
def _local_response(draft: Draft, call: Call) -> Results:
    """Neighbouring channels; ``size`` of them."""
    size = call.attr("size", 1)
    window = op.Window((1,), (size,), (1,), (1,), ((size - 1) // 2,))
    return draft.add(window, [call.operand(draft, 0)], call.shape_of(0), "local_response_norm")


@translates("DeformConv")
def _deformable(draft: Draft, call: Call) -> Results:
    """The regular convolution as a lower bound, marked as sampled."""
    shape, weight = call.shape_of(0), call.shape_of(1)
    seen = geometry(call, shape[2:], call.attr("kernel_shape") or weight[2:])
    out = (shape[0], weight[0], *seen.sizes)
    source = call.operand(draft, 0)
    name = draft.add(seen.window(2, call.attr("group", 1)), [source], out, "conv")
    reason = "a deformable convolution reads positions that data decide"
    macs = prod(out) * weight[1] * prod(seen.kernel)
    return draft.add(op.Sample(reason), [name], out, "conv", weighted=True, macs=macs)
