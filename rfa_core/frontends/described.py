"""Layers and operations in the words of a user: what a plugin says, as operations of the graph."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.phrases import same_padding, window_size
from rfa_core.frontends.tables import Table, home_of
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape

Numbers = int | Sequence[int]
"""One number for all axes, or one per axis."""


class MisfitError(ValueError):
    """A layer cannot take what it gets; the text is one clause in plain words."""


class DescriptionError(MisfitError):
    """What a plugin says of a layer or an operation cannot be."""


@dataclass(frozen=True, slots=True)
class Window:
    """A kernel that slides over positions: any convolution, pooling, neighbourhood attention.

    ``kernel``, ``stride``, ``dilation`` and ``padding`` are numbers, or one per axis, in
    positions of the map. ``padding`` is ``"same"`` (``ceil(n / stride)`` positions come out),
    ``"valid"`` (none) or how much is added on each side; where the real layer has run, the size
    of its result decides. ``filters`` are the channels of the result (None: as many as came in).
    ``groups`` of channels are kept apart; 0 says that every channel reads itself alone.
    ``weighted`` says that learned weights are applied at the positions, so that the layer is
    judged. ``channels_last`` says that channels are the last dimension, not the second; where it
    says nothing (None), they are where the framework has them.
    """

    kernel: Numbers
    stride: Numbers = 1
    dilation: Numbers = 1
    padding: Numbers | str = "same"
    filters: int | None = None
    groups: int = 1
    transposed: bool = False
    weighted: bool = True
    channels_last: bool | None = None


@dataclass(frozen=True, slots=True)
class Pointwise:
    """Every position of the result reads the same position of what comes in."""

    weighted: bool = False


@dataclass(frozen=True, slots=True)
class Everything:
    """Every position of the result reads all positions: attention, a Fourier transform."""

    weighted: bool = False


@dataclass(frozen=True, slots=True)
class Sampled:
    """Data decide which positions are read: footprints are marked as a bound, for ``reason``.

    ``window`` is what is read at least, as the regular kernel of a deformable convolution.
    """

    reason: str
    window: Window | None = None

    @property
    def weighted(self) -> bool:
        return self.window is not None and self.window.weighted


Description = Window | Pointwise | Everything | Sampled


@dataclass(frozen=True, slots=True)
class Described:
    """A plugin's translation: ``describe`` tells of a layer, or of a call, what it does.

    ``channels_last`` says where channels are if the description does not.
    """

    describe: Callable[..., Description]
    home: str
    channels_last: bool = False

    def __call__(self, *args: Any, **kwargs: Any) -> Description:
        """What the plugin says. Raises DescriptionError if it fails, or says something else."""
        try:
            said = self.describe(*args, **kwargs)
        except Exception as error:
            raise DescriptionError(f"{self.home} raises {type(error).__name__}: {error}") from error
        if not isinstance(said, Description):
            raise DescriptionError(
                f"{self.home} has to return a Window, Pointwise, Everything or Sampled, "
                f"and returns {said!r}"
            )
        return said

    def of(self, attributes: Mapping[str, Any], shapes: Sequence[Shape | None]) -> Description:
        """What the plugin says of an operation with ``attributes``, which it gets by name.

        A function that has a parameter ``shapes`` is also told those of all that comes in.
        """
        asked = "shapes" in inspect.signature(self.describe).parameters
        given = {"shapes": tuple(shapes)} if asked else {}
        return self(**{**given, **attributes})

    def written(
        self,
        draft: Draft,
        said: Description,
        operands: Sequence[str],
        shapes: Sequence[Shape | None],
        kind: str,
        add: Callable[..., str] | None = None,
    ) -> list[str]:
        """Write the nodes of results of ``shapes`` and name them; together they are one layer.

        A shape that is None is what it ``said`` makes of the first operand. ``add`` writes in
        place of ``draft.add``. Raises DescriptionError.
        """
        add, source, outer = add or draft.add, draft.shape(operands[0]), draft.origin
        if not outer.atomic:
            draft.origin = draft.layer_of_its_own(kind)
        results = []
        for known in shapes:
            shape = self.result(said, source) if known is None else known
            steps, cost = self.steps(said, source, shape)
            names = operands
            for step in steps[:-1]:
                names = [add(step, names, shape, kind)]
            results.append(add(steps[-1], names, shape, kind, weighted=said.weighted, macs=cost))
        draft.origin = outer
        return results

    def layout(self, said: Description, rank: int) -> Layout:
        """Where positions and channels are in a tensor of ``rank`` dimensions."""
        return layout_of(said, rank, self.channels_last)

    def steps(
        self, said: Description, source: Shape, shape: Shape
    ) -> tuple[list[op.Operation], int]:
        """The operations from ``source`` to ``shape``, and their multiply-accumulates.

        Raises DescriptionError if what it ``said`` contradicts the shapes.
        """
        layout = self.layout(said, len(source))
        try:
            return operations(said, source, shape, layout), macs(said, source, shape, layout)
        except MisfitError as error:
            raise DescriptionError(f"{error} (said by {self.home})") from None

    def result(self, said: Description, source: Shape) -> Shape:
        """The shape that what it ``said`` makes of ``source``. Raises DescriptionError."""
        try:
            return result_shape(said, source, self.layout(said, len(source)))
        except MisfitError as error:
            raise DescriptionError(f"{error} (said by {self.home})") from None


def described_as(kind: type, known: Table[Any]) -> Described | None:
    """What a plugin says of the objects of a class, by its full name or the last part of it."""
    for base in kind.__mro__:
        for found in (known.get(home_of(base)), known.get(base.__name__)):
            if isinstance(found, Described):
                return found
    return None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in a tensor the positions are (``dims``), and where the channels."""

    dims: tuple[int, ...]
    channel: int | None


def channels_first(rank: int) -> Layout:
    """Batch, channels, positions."""
    return Layout(tuple(range(2, rank)), 1 if rank > 1 else None)


def layout_of(description: Description, rank: int, channels_last: bool) -> Layout:
    """Where the description says that positions and channels are, else ``channels_last`` does."""
    window = window_of(description)
    if window is not None and window.channels_last is not None:
        channels_last = window.channels_last
    if channels_last and rank > 1:
        return Layout(tuple(range(1, rank - 1)), rank - 1)
    return channels_first(rank)


def window_of(description: Description) -> Window | None:
    """The kernel that slides, if the description is of one."""
    found = description.window if isinstance(description, Sampled) else description
    return found if isinstance(found, Window) else None


def operations(
    description: Description, source: Shape, shape: Shape, layout: Layout
) -> list[op.Operation]:
    """What leads from ``source`` to ``shape``, one operation after the other, all to ``shape``.

    Raises MisfitError if the description contradicts the shapes.
    """
    if isinstance(description, Window):
        return [_window(description, source, shape, layout)]
    if isinstance(description, Sampled):
        sample = op.Sample(description.reason)
        if description.window is None:
            return [sample]
        return [_window(description.window, source, shape, layout), sample]
    if isinstance(description, Everything):
        return [op.Everything(layout.dims if len(source) == len(shape) else ())]
    if source != shape:
        raise MisfitError(f"it is said to be pointwise, but makes {list(shape)} of {list(source)}")
    return [op.Pointwise()]


def result_shape(description: Description, source: Shape, layout: Layout) -> Shape:
    """The shape that the description makes of ``source``. Raises MisfitError if nothing is left."""
    window = window_of(description)
    if window is None:
        return source
    made = list(source)
    for place, dim in enumerate(layout.dims):
        made[dim] = _size(window, place, source[dim], len(layout.dims))
    if window.filters is not None and layout.channel is not None:
        made[layout.channel] = window.filters
    return tuple(made)


def macs(description: Description, source: Shape, shape: Shape, layout: Layout) -> int:
    """Multiply-accumulates, counted as those of a convolution with the same window."""
    window = window_of(description)
    if window is None:
        return 0
    return weights(description, source, shape, layout) * prod(
        (source if window.transposed else shape)[dim] for dim in layout.dims
    )


def weights(description: Description, source: Shape, shape: Shape, layout: Layout) -> int:
    """The weights of a convolution with the same window, without a bias."""
    window = window_of(description)
    if window is None or layout.channel is None or not window.weighted:
        return 0
    inside, outside = source[layout.channel], shape[layout.channel]
    kernel = prod(per_axis(window.kernel, len(layout.dims), "kernel"))
    return outside * (inside // window.groups if window.groups else 1) * kernel


def per_axis(numbers: Numbers, count: int, name: str) -> tuple[int, ...]:
    """One number per axis. Raises MisfitError for another count."""
    values = (numbers,) * count if isinstance(numbers, int) else tuple(map(int, numbers))
    if len(values) != count:
        raise MisfitError(f"{name} has {len(values)} numbers, and there are {count} axes")
    return values


def padded_size(
    size: int, kernel: int, stride: int, dilation: int, padding: int | str
) -> tuple[int, int]:
    """Positions that come out of ``size``, and how many are added before them."""
    if padding == "same":
        before, after = same_padding(size, kernel, stride, dilation)
    else:
        before = after = 0 if isinstance(padding, str) else padding
    made = window_size(size, kernel, stride, dilation, before, after)
    if made < 1:
        raise MisfitError(
            f"the kernel spans {dilation * (kernel - 1) + 1} positions, the map has "
            f"{size + before + after}{' with its padding' if before + after else ''}"
        )
    return made, before


def transposed_size(
    size: int, kernel: int, stride: int, dilation: int, padding: int | str, extra: int = 0
) -> tuple[int, int]:
    """Positions that a transposed window makes of ``size``, and how many are cut off before them.

    ``"same"`` makes ``size * stride``; ``extra`` positions are added at the end.
    """
    full = (size - 1) * stride + dilation * (kernel - 1) + 1
    if padding == "same":
        return size * stride + extra, same_padding(size * stride, kernel, stride, dilation)[0]
    cut = 0 if isinstance(padding, str) else padding
    made = full - 2 * cut + extra
    if made < 1:
        raise MisfitError(f"its padding of {cut} leaves nothing of {full} positions")
    return made, cut


def _size(window: Window, place: int, size: int, count: int) -> int:
    kernel, stride, dilation, padding = _along(window, place, count)
    sized = transposed_size if window.transposed else padded_size
    return sized(size, kernel, stride, dilation, padding)[0]


def _along(window: Window, place: int, count: int) -> tuple[int, int, int, int | str]:
    padding = window.padding
    return (
        per_axis(window.kernel, count, "kernel")[place],
        per_axis(window.stride, count, "stride")[place],
        per_axis(window.dilation, count, "dilation")[place],
        padding if isinstance(padding, str) else per_axis(padding, count, "padding")[place],
    )


def _window(window: Window, source: Shape, shape: Shape, layout: Layout) -> op.Window:
    if len(source) != len(shape) or not layout.dims:
        raise MisfitError(f"it is said to be a window, but makes {list(shape)} of {list(source)}")
    count = len(layout.dims)
    befores = [
        _before(window, place, source[dim], shape[dim], count)
        for place, dim in enumerate(layout.dims)
    ]
    return op.Window(
        layout.dims,
        per_axis(window.kernel, count, "kernel"),
        per_axis(window.stride, count, "stride"),
        per_axis(window.dilation, count, "dilation"),
        tuple(befores),
        channel=layout.channel,
        groups=window.groups,
        transposed=window.transposed,
    )


def _before(window: Window, place: int, size: int, made: int, count: int) -> int:
    """The padding before the first position, told by the sizes; what they rule out is refused."""
    kernel, stride, dilation, padding = _along(window, place, count)
    span = dilation * (kernel - 1) + 1
    if window.transposed:
        total = (size - 1) * stride + span - made
    else:
        total = (made - 1) * stride + span - size
    stated = isinstance(padding, int) and not window.transposed
    fits = -stride < total <= 2 * max(span - 1, 0) + stride
    if stated:
        exact = window_size(size, kernel, stride, dilation, int(padding), int(padding))
        fits = made in (exact, exact + 1)
    if not fits:
        raise MisfitError(
            f"a kernel of {kernel} with stride {stride}, dilation {dilation}"
            f"{f', padding {padding}' if stated else ''} does not make {made} positions of {size}"
        )
    if isinstance(padding, int):
        return padding
    return max(total, 0) // 2 if padding == "same" else 0
