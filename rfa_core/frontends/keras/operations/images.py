"""Operations of ``keras.ops.image``."""

from __future__ import annotations

from rfa_core.frontends.keras.calls import Call, many
from rfa_core.frontends.keras.registry import operation
from rfa_core.frontends.keras.resizing import resized
from rfa_core.frontends.keras.windows import Map, Window, map_of
from rfa_core.frontends.phrases import padded, reduced, reshaped, softmax, transposed
from rfa_core.graph import operations as op


@operation("Resize")
def _resize(call: Call) -> str:
    return resized(call, call.source(), many(call.get("size"), 2), _layout(call))


@operation("RGBToGrayscale")
def _grayscale(call: Call) -> str:
    return reduced(call.draft, call.source(), [_layout(call).channel], True, "grayscale")


@operation("RGBToHSV", "HSVToRGB")
def _colours(call: Call) -> str:
    """Every channel is computed from all of them."""
    return softmax(call.draft, call.source(), [_layout(call).channel], call.kind)


@operation("PadImages", "CropImages")
def _pad_images(call: Call) -> str:
    """What the target size leaves open goes to the other side."""
    sign, end = (1, "padding") if type(call.operation).__name__ == "PadImages" else (-1, "cropping")
    name, layout = call.source(), _layout(call)
    shape = call.draft.shape(name)
    before, after = [0] * len(shape), [0] * len(shape)
    for dim, low, high in zip(layout.dims, ("top", "left"), ("bottom", "right"), strict=True):
        first, last = call.get(f"{low}_{end}"), call.get(f"{high}_{end}")
        total = sign * (call.shape[dim] - shape[dim])
        first = total - last if first is None else first
        before[dim], after[dim] = sign * first, sign * (total - first)
    return padded(call.draft, name, before, after)


@operation("ExtractPatches")
def _patches(call: Call) -> str:
    """The taps of a window laid out as channels, before those that there were."""
    draft, name = call.draft, call.source()
    layout, rank = _layout(call), len(call.shape)
    count = len(layout.dims)
    size = many(call.get("size"), count)
    stride = many(call.get("strides") or size, count)
    dilation = many(call.get("dilation_rate") or 1, count)
    window = Window(size, stride, dilation, call.get("padding"))
    sizes = layout.sizes(draft.shape(name))
    name = _around(call, name, layout, window)
    for k, (dim, counted) in enumerate(zip(layout.dims, window.after(sizes), strict=True)):
        shape = list(draft.shape(name))
        shape[dim] = counted
        unfold = op.Unfold(dim, size[k], stride[k], dilation[k])
        name = draft.add(unfold, [name], (*shape, size[k]), "patches")
    taps = range(rank, rank + count)
    order = [*range(layout.channel), *taps, *range(layout.channel, rank)]
    return reshaped(draft, transposed(draft, name, order), call.shape, "patches")


def _around(call: Call, name: str, layout: Map, window: Window) -> str:
    """Node ``name`` with the padding of ``window``, and without what it does not reach."""
    before, after = [0] * len(call.shape), [0] * len(call.shape)
    sizes = layout.sizes(call.draft.shape(name))
    low = window.before(sizes)
    for k, dim in enumerate(layout.dims):
        span = (window.kernel[k] - 1) * window.dilation[k]
        needed = (window.after(sizes)[k] - 1) * window.stride[k] + span + 1
        before[dim], after[dim] = low[k], needed - sizes[k] - low[k]
    return padded(call.draft, name, before, after)


@operation("GaussianBlur")
def _blur(call: Call) -> str:
    name = call.source()
    shape = call.draft.shape(name)
    layout = _layout(call)
    ones = (1, 1)
    window = Window(many(call.get("kernel_size"), 2), ones, ones, "same")
    before = window.before(layout.sizes(shape))
    blur = op.Window(layout.dims, window.kernel, ones, ones, before, layout.channel, 0)
    return call.draft.add(blur, [name], shape, "gaussian_blur")


@operation("SobelEdges")
def _sobel(call: Call) -> str:
    """Two 3x3 kernels on every channel by itself, as a new last dimension."""
    name = call.source()
    shape = call.draft.shape(name)
    layout = _layout(call)
    three = op.Window(layout.dims, (3, 3), (1, 1), (1, 1), (1, 1), layout.channel, 0)
    made = call.draft.add(three, [name], shape, "sobel")
    wide = reshaped(call.draft, made, (*shape, 1))
    return call.draft.add(op.Expand(), [wide], call.shape, "sobel")


def _layout(call: Call) -> Map:
    rank = len(call.draft.shape(call.source()))
    positions = 3 if call.get("is_3d") else 2
    return map_of(rank, call.get("data_format"), batch=rank == positions + 2)
