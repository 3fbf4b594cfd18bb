"""The closed set of operations: every frontend is a translation into it.

Dimensions are numbered from 0 in tensor order, batch included. ``axes`` are the input's
own coordinates (height, width ...). The families follow the design: input, constant,
window, pointwise, norm, contract, rearrange, resample, sample, recurrent; ``Unknown`` is
what a frontend writes when it does not understand an operation, and never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Input:
    """The image. ``axes[d]`` is the axis that dimension ``d`` runs along, or None."""

    axes: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A parameter, a buffer or a literal: depends on no input position."""


@dataclass(frozen=True, slots=True)
class Pointwise:
    """Elementwise with broadcasting, any number of operands."""


@dataclass(frozen=True, slots=True)
class Norm:
    """A normalisation; ``dims`` are those its statistics are taken over at inference."""

    dims: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """Convolution or pooling: output ``q`` reads input ``q*stride - padding + t*dilation``.

    One entry per dimension of ``dims``. A transposed window reads the ``i`` with
    ``q = i*stride - padding + t*dilation`` for some tap ``t``. Output channel ``c`` of
    dimension ``channel`` reads the input channels of its group; ``groups == 0`` says that
    every channel reads itself alone (pooling).
    """

    dims: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[int, ...]
    channel: int | None = None
    groups: int = 1
    transposed: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """An einsum over labelled dimensions: ``labels`` per operand, ``output`` for the result.

    A label that is missing from the output is summed over. A label of the output that no
    operand has is a fresh dimension along which the result is the same (``keepdim``, or
    the kept dimension of a softmax).
    """

    labels: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reshape:
    """The same elements in row-major order under another shape."""


@dataclass(frozen=True, slots=True)
class Permute:
    """Output dimension ``d`` is input dimension ``order[d]``."""

    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """Output index ``q`` along ``dim`` reads ``start + q*step`` (``step`` may be negative)."""

    dim: int
    start: int
    step: int = 1


@dataclass(frozen=True, slots=True)
class Select:
    """One index of ``dim``; the dimension is gone."""

    dim: int
    index: int


@dataclass(frozen=True, slots=True)
class Gather:
    """Output index ``q`` along ``dim`` reads ``indices[q]``, known when the graph was made."""

    dim: int
    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Concat:
    """The operands one after the other along ``dim``."""

    dim: int


@dataclass(frozen=True, slots=True)
class Overwrite:
    """The first operand with a box of it replaced by the second (slice assignment).

    Per dimension of the first operand: the box starts at ``starts`` and takes every
    ``steps``-th index, as many as the second operand is long.
    """

    starts: tuple[int, ...]
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Roll:
    """Output index ``q`` along ``dims[i]`` reads ``(q - shifts[i]) mod n``."""

    dims: tuple[int, ...]
    shifts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pad:
    """``before`` and ``after`` positions added per dimension; negative ones crop.

    ``mode`` is ``constant``, ``reflect``, ``replicate`` or ``circular``.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    mode: str = "constant"


@dataclass(frozen=True, slots=True)
class Expand:
    """Dimensions of size 1 repeated and new leading dimensions added, as in broadcasting."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The tensor tiled ``times[d]`` times along each dimension of the output."""

    times: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unfold:
    """A sliding window as a new last dimension: ``out[q, t] = in[q*step + t*dilation]``."""

    dim: int
    size: int
    step: int
    dilation: int = 1


@dataclass(frozen=True, slots=True)
class Fold:
    """The inverse of ``Unfold``: sums what windows wrote; output size in the node's shape."""

    dim: int
    window_dim: int
    step: int
    dilation: int = 1


@dataclass(frozen=True, slots=True)
class Resample:
    """Interpolation or adaptive pooling of ``dims`` to the node's shape.

    ``mode``: ``nearest``, ``nearest-exact``, ``linear``, ``cubic``, ``antialias-linear``,
    ``antialias-cubic``, ``adaptive``. ``scale[i]`` is output over input as the framework
    was told, or None where it computes it from the sizes. ``first[i]`` are the indices of the
    first input that each output reads, where they follow another rule than the modes' own.
    """

    dims: tuple[int, ...]
    mode: str
    align_corners: bool = False
    scale: tuple[float | None, ...] = ()
    first: tuple[tuple[int, ...], ...] = ()

    def copies(self, before: int, after: int) -> bool:
        """Whether a dimension that keeps its size is copied; bicubic weighs neighbours even so."""
        return before == after and self.mode != "cubic" and not self.first


@dataclass(frozen=True, slots=True)
class Sample:
    """Data decide which positions of the first operand are read; ``reason`` in words."""

    reason: str
    kernel: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Recurrent:
    """Everything before along ``dim``; with ``bidirectional`` everything after, too."""

    dim: int
    bidirectional: bool = False


@dataclass(frozen=True, slots=True)
class Everything:
    """Every element sees every position of ``axes`` dims (FFT); all dimensions if empty."""

    dims: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not understood: the result is only a bound and says so. ``reason`` names the operation."""

    reason: str


Operation = (
    Input | Constant | Pointwise | Norm | Window | Contract | Reshape | Permute | Slice | Select
    | Gather | Concat | Overwrite | Roll | Pad | Expand | Repeat | Unfold | Fold | Resample
    | Sample | Recurrent | Everything | Unknown
)  # fmt: skip
