"""Where in its base tensor a view lies."""

from __future__ import annotations

from torch import Tensor

from rfa_core.graph.model import Shape

Box = tuple[tuple[int, ...], tuple[int, ...], Shape]


def box_of(view: Tensor, base: Tensor) -> Box | None:
    """Start, step and length along every dimension of ``base`` of what ``view`` covers.

    None if the view is no box of its base in the base's own dimension order (a transposed
    or overlapping view, or a base that is not contiguous).
    """
    if not base.is_contiguous():
        return None
    offset = int(view.storage_offset()) - int(base.storage_offset())
    starts, steps, sizes = [], [], []
    remaining = list(zip(view.stride(), view.shape, strict=True))
    for stride, size in zip(base.stride(), base.shape, strict=True):
        start, offset = divmod(offset, stride) if stride else (0, offset)
        step, length = 1, 1
        if remaining and _lies_in(remaining[0][0], stride, size):
            inner, length = remaining.pop(0)
            step = inner // stride
        elif remaining and remaining[0][1] == 1:
            remaining.pop(0)
        if start + (length - 1) * step >= size:
            return None
        starts.append(start)
        steps.append(step)
        sizes.append(length)
    if offset or any(length != 1 for _, length in remaining):
        return None
    return tuple(starts), tuple(steps), tuple(sizes)


def _lies_in(inner: int, stride: int, size: int) -> bool:
    return stride > 0 and inner % stride == 0 and stride <= inner < stride * max(size, 2)
