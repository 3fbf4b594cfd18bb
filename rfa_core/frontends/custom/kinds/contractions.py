"""What sees many positions at once: dense layers, attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from rfa_core.frontends.custom.kinds.base import layer_kind
from rfa_core.frontends.custom.kinds.windows import map_of
from rfa_core.frontends.custom.options import Sizes
from rfa_core.frontends.described import MisfitError, per_axis
from rfa_core.frontends.draft import Draft
from rfa_core.frontends.phrases import einsum, reshaped, softmax
from rfa_core.graph import operations as op


@layer_kind("dense")
@dataclass(frozen=True, slots=True)
class Dense:
    """A fully connected layer: each unit reads all channels at all positions."""

    units: int
    bias: bool = True

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        width = prod(draft.shape(sources[0]))
        flat = reshaped(draft, sources[0], (1, width), "flatten")
        return draft.add(
            op.Contract(((0, 1),), (0, 2)),
            [flat],
            (1, self.units),
            "linear",
            weighted=True,
            parameters=width * self.units + (self.units if self.bias else 0),
            macs=width * self.units,
        )


@layer_kind("attention", sources=(1, 2))
@dataclass(frozen=True, slots=True)
class Attention:
    """Attention with its four projections: of the first layer it follows to the second, or itself.

    With a ``window`` positions are attended to within windows of that size, on a grid that is
    moved by ``shift`` positions.
    """

    window: Sizes | None = None
    shift: Sizes = 0

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        shapes = [map_of(draft, source) for source in sources]
        count, channels = len(shapes[0]) - 2, shapes[0][1]
        shift = per_axis(self.shift, count, "shift")
        if self.window is None and any(shift):
            raise MisfitError("shift moves the grid of windows, and no window is given")
        moved = [_rolled(draft, source, [-step for step in shift]) for source in sources]
        query, *keys = [
            self._windows(draft, _projected(draft, moved[source], channels), count)
            for source in (0, -1, -1)
        ]
        mixed = _attended(draft, query, keys, count, self.window is not None)
        back = reshaped(draft, mixed, shapes[0])
        return _projected(draft, _rolled(draft, back, shift), channels)

    def _windows(self, draft: Draft, name: str, count: int) -> str:
        """Each axis as two dimensions: which window, and where in it."""
        if self.window is None:
            return name
        shape, sizes = draft.shape(name), per_axis(self.window, count, "window")
        digits: list[int] = []
        for size, window in zip(shape[2:], sizes, strict=True):
            if size % window:
                raise MisfitError(f"windows of {window} do not fill a map of {size}")
            digits += [size // window, window]
        return reshaped(draft, name, (*shape[:2], *digits))


def _projected(draft: Draft, name: str, channels: int) -> str:
    """A linear layer over channels."""
    shape = draft.shape(name)
    positions = "uvw"[: len(shape) - 2]
    return einsum(
        draft,
        f"bc{positions},cd->bd{positions}",
        [name, None],
        [shape, (shape[1], channels)],
        "linear",
        parameters=(shape[1] + 1) * channels,
    )


def _attended(draft: Draft, query: str, keys: Sequence[str], count: int, windowed: bool) -> str:
    """Softmax of the products of queries and keys, times the values."""
    own, other = "uvw"[:count], "xyz"[:count]
    grid = "pqr"[:count] if windowed else ""
    left, right = (
        "".join(letter for pair in zip(grid, inner, strict=True) for letter in pair)
        if windowed
        else inner
        for inner in (own, other)
    )
    shapes = [draft.shape(name) for name in (query, *keys)]
    scores = f"b{grid}{own}{other}"
    product = einsum(draft, f"bd{left},bd{right}->{scores}", [query, keys[0]], shapes[:2], "matmul")
    weights = softmax(draft, product, range(-count, 0))
    return einsum(
        draft,
        f"{scores},bd{right}->bd{left}",
        [weights, keys[1]],
        [draft.shape(weights), shapes[2]],
        "matmul",
    )


def _rolled(draft: Draft, name: str, shifts: Sequence[int]) -> str:
    if not any(shifts):
        return name
    shape = draft.shape(name)
    dims = tuple(range(2, len(shape)))
    return draft.add(op.Roll(dims, tuple(shifts)), [name], shape, "roll")
