"""Interpolation of images to a size, as all backends of Keras do it (half-pixel centres)."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.keras.calls import Call
from rfa_core.frontends.keras.windows import Map
from rfa_core.frontends.phrases import padded, sliced
from rfa_core.graph import operations as op

_MODES = {"nearest": "nearest-exact", "bilinear": "linear", "bicubic": "cubic"}
_ANTIALIASED = {"bilinear": "antialias-linear", "bicubic": "antialias-cubic"}


def resized(call: Call, name: str, size: Sequence[int], layout: Map) -> str:
    """Node ``name`` with its positions resized to ``size``, first cut or padded to its ratio."""
    if call.get("crop_to_aspect_ratio"):
        name = fitted(call.draft, name, size, layout, cut=True)
    if call.get("pad_to_aspect_ratio"):
        name = fitted(call.draft, name, size, layout, cut=False)
    interpolation = call.get("interpolation")
    mode = _MODES.get(interpolation)
    if call.get("antialias") and _shrinks(layout.sizes(call.draft.shape(name)), size):
        mode = _ANTIALIASED.get(interpolation, mode)
    shape = call.draft.shape(name)
    out = layout.shape(shape, size, shape[layout.channel])
    if mode is None:
        reason = f"interpolation by {interpolation} is not known to this version"
        return call.draft.add(op.Unknown(reason), [name], out, "resize")
    return call.draft.add(op.Resample(layout.dims, mode), [name], out, "resize")


def fitted(draft: Draft, name: str, size: Sequence[int], layout: Map, *, cut: bool) -> str:
    """The largest box of the ratio of ``size`` inside of node ``name``, or the smallest around."""
    height, width = layout.sizes(draft.shape(name))
    box = int(width * size[0] / size[1]), int(height * size[1] / size[0])
    if cut:
        inner = [max(min(n, wanted), 1) for n, wanted in zip((height, width), box, strict=True)]
        return centred(draft, name, inner, layout)
    before, after = [0] * len(draft.shape(name)), [0] * len(draft.shape(name))
    for dim, n, wanted in zip(layout.dims, (height, width), box, strict=True):
        total = max(n, wanted) - n
        before[dim], after[dim] = total // 2, total - total // 2
    return padded(draft, name, before, after)


def centred(draft: Draft, name: str, size: Sequence[int], layout: Map) -> str:
    """The box of ``size`` in the middle of node ``name``."""
    sizes = layout.sizes(draft.shape(name))
    starts = [(n - wanted) // 2 for n, wanted in zip(sizes, size, strict=True)]
    boxes = zip(layout.dims, starts, size, strict=True)
    return sliced(draft, name, {dim: range(start, start + n) for dim, start, n in boxes}, "crop")


def _shrinks(sizes: Sequence[int], size: Sequence[int]) -> bool:
    return any(after < before for before, after in zip(sizes, size, strict=True))
