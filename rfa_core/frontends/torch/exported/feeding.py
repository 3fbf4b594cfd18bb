"""What an exported program is fed: it says so itself, except which dimensions are axes."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.errors import TraceError
from rfa_core.frontends.base import InputSpec, TensorSpec
from rfa_core.frontends.torch.exported.program import Program, UserInput

_NAMES: dict[int, tuple[str, ...]] = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}
_MOST_CHANNELS = 4
"""Channels of an image that come last: more, and it is taken for one with channels first."""


def fed_to(program: Program) -> InputSpec:
    """The inputs of ``program``, each at the smallest size it takes where that is no axis.

    Raises TraceError if it takes no tensors, or none with an axis.
    """
    places = [axes_of(own) for own in program.inputs]
    count = max(map(len, places), default=0)
    if not count:
        raise TraceError(
            "the exported program takes no tensor that has axes",
            "a receptive field is one along time, height and width, or depth, height and width",
        )
    tensors = tuple(map(_tensor, program.inputs, places))
    words = "; ".join(f"{own.name} [{', '.join(map(str, own.sizes))}]" for own in program.inputs)
    return InputSpec(tensors, _NAMES[count], f"read from the exported program: {words}")


def sizes_of(program: Program) -> tuple[int, ...]:
    """The sizes of the axes that the program takes, the smallest where they are not fixed."""
    for own in program.inputs:
        places = axes_of(own)
        if len(places) == max(len(axes_of(other)) for other in program.inputs):
            return tuple(own.sizes[dim].smallest for dim in places)
    return ()


def axes_of(own: UserInput) -> tuple[int, ...]:
    """The dimensions of an input that are axes: those after batch and channels; those between
    where the last one is small enough to be the channels of an image."""
    rank = len(own.sizes)
    if rank <= 2:
        return (rank - 1,) if rank else ()
    first, last = own.sizes[1], own.sizes[-1]
    is_last = not last.symbol and last.times <= _MOST_CHANNELS < first.smallest
    found = tuple(range(1, rank - 1)) if is_last or first.symbol else tuple(range(2, rank))
    return found if len(found) in _NAMES else found[-3:]


def _tensor(own: UserInput, axes: Sequence[int]) -> TensorSpec:
    return TensorSpec(
        tuple(max(one.smallest, 1) for one in own.sizes),
        tuple(axes.index(dim) if dim in axes else None for dim in range(len(own.sizes))),
        not own.dtype.is_floating_point and not own.dtype.is_complex,
    )
