"""The feasible range of one built model, looked at again at both of its ends.

Footprints do not depend on the resolution in a regular network. In others they do (windows
that shift on larger maps only, pooling to a fixed grid, branches on the size), and some
models take few sizes. So the range that is read from one forward pass is held to what
``rfa check`` judges at its ends, and moved until the two agree.
"""

from __future__ import annotations

from dataclasses import replace

from rfa_core.examination import Examination, range_of, report_of, usual
from rfa_core.findings import ModelReport, Range, Trial
from rfa_core.receptive.feasible import (
    End,
    largest_seen,
    least_alone,
    least_square,
    seeing_size,
    turning_size,
)
from rfa_core.receptive.layers import Layer, Sizes
from rfa_core.receptive.verdict import Verdict, judge

_MOST_POSITIONS = 2**20


def examine_range(examination: Examination) -> ModelReport:
    """The report of one model without verdicts: its feasible range, confirmed.

    At ``min_resolution`` no layer is unproductive, at one pixel less some are
    (``min_layers``). At ``max_resolution`` a judged layer sees the whole image locally, at one
    pixel more none does. Images of more than a million positions are not looked at to confirm
    an end; where footprints outgrow them, there is no ``max_resolution``. Raises ForwardError
    if the model runs at no resolution that was tried.
    """
    axes = examination.spec.count
    first = examination.at(usual(axes))
    found = range_of(first.ranged, examination.policy, axes)
    start = found.min_resolution[0]
    if start is not None:
        found = _with_largest(examination, _with_least(examination, found, start))
    return report_of(examination, first, found)


def _with_least(examination: Examination, read: Range, start: int) -> Range:
    axes, policy = examination.spec.count, examination.policy

    def limit(size: int) -> int:
        return least_square(examination.at((size,) * axes).ranged, policy).size or 1

    size = turning_size(limit, start, _widest(axes))
    if size is None:
        return replace(read, min_resolution=(None,) * axes, alone=(End(None),) * axes)
    sizes = (size,) * axes
    return replace(
        read,
        min_resolution=sizes,
        min_layers=_unproductive(examination, size - 1),
        alone=least_alone(examination.at(sizes).ranged, policy, axes),
        min_trial=_trial(examination, sizes),
    )


def _unproductive(examination: Examination, size: int) -> tuple[Layer, ...]:
    sizes, policy = (size,) * examination.spec.count, examination.policy
    layers = examination.at(sizes).ranged if size else ()
    return tuple(one for one in layers if judge(one, sizes, policy) is Verdict.UNPRODUCTIVE)


def _with_largest(examination: Examination, read: Range) -> Range:
    ends = _largest_ends(examination, read.max_resolution)
    found = replace(
        read,
        max_resolution=tuple(end.size for end in ends),
        max_layers=tuple(end.layers for end in ends),
    )
    sizes = _image(found.max_resolution)
    known = any(found.max_resolution) and max(sizes) <= _widest(len(sizes))
    return replace(found, max_trial=_trial(examination, sizes)) if known else found


def _largest_ends(examination: Examination, read: Sizes) -> tuple[End, ...]:
    """The largest footprints, if they are the same on an image one pixel larger and on a much
    larger one; else, per axis, the largest that see the whole of an image of their size.

    Where no local path is left, nothing bounds what is seen.
    """
    axes, policy, most = examination.spec.count, examination.policy, _widest(len(read))

    def ends_at(*sizes: int) -> tuple[End, ...]:
        return largest_seen(examination.at(sizes).ranged, policy, axes)

    def sees(size: int, axis: int) -> bool:
        seen = ends_at(*(size,) * axes)[axis].size
        return seen is None or seen >= size

    def largest(axis: int) -> End:
        size = seeing_size(lambda size: sees(size, axis), min(image[axis], most), most)
        return replace(ends_at(*(size,) * axes)[axis], size=size) if size else End(None)

    image = _image(read)
    beyond = ends_at(*(min(size + 1, most) for size in image))
    far = ends_at(*(min(2 * max(pair), most) for pair in zip(image, usual(axes), strict=True)))
    if all(tuple(end.size for end in ends) == read for ends in (beyond, far)):
        return far
    return tuple(largest(axis) for axis in range(axes))


def _image(sizes: Sizes) -> tuple[int, ...]:
    """An image to look at: of the usual size where none is given."""
    return tuple(size or common for size, common in zip(sizes, usual(len(sizes)), strict=True))


def _widest(axes: int) -> int:
    """The largest size per axis of an image that is looked at without being asked for."""
    return int(_MOST_POSITIONS ** (1 / axes) + 1e-9)


def _trial(examination: Examination, sizes: tuple[int, ...]) -> Trial:
    seen = examination.at(sizes)
    return Trial(sizes, seen.graph.resolution, seen.unsupported)
