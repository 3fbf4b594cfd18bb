"""Layers as they are reported: footprints at the input and the output, and the cost."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd

from rfa_core.graph.model import Location
from rfa_core.receptive.facts import Fact

Sizes = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """Footprint sizes in input pixels, one per axis.

    ``min`` is the size along the shortest path (None: infinite, the layer is dense on that
    axis); ``max`` the union over all local paths (None: no local path is left);
    ``global_context`` says that some path sees everything.
    """

    min: Sizes
    max: Sizes
    global_context: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the model: a module, or a functional call, over all its calls.

    Footprints are those of the call that is judged (the one that saw least before it);
    ``kernel``, ``stride``, ``dilation``, ``effective_stride``, ``feature_map`` and
    ``input_feature_map`` have one entry per axis (``None`` where the layer does not run
    along the axis any more); ``macs`` and ``parameters`` are totals. ``judgeable`` is
    ``"weights"``, ``"pooling"`` or ``""`` (never judged). ``inexact`` holds the reasons
    why the footprint is only a bound; ``causes_inexact`` says that this layer is where it
    began. ``other_calls`` are those that saw less than this one on some axis: the layer is
    as good as the best of them. ``widest`` is the largest local size of any call, where that
    is another one. ``structure`` holds what is odd about the layer, if that was asked for.
    ``transposed``: the window is one of a transposed convolution, and ``stride`` goes up.
    """

    name: str
    type: str
    operation: str
    calls: int
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    input: Extent
    output: Extent
    effective_stride: tuple[Fraction | None, ...]
    feature_map: tuple[int | None, ...]
    input_feature_map: tuple[int | None, ...]
    parameters: int = 0
    macs: int = 0
    judgeable: str = ""
    inexact: tuple[str, ...] = ()
    causes_inexact: bool = False
    constructed: tuple[Location, ...] = ()
    called: Location | None = None
    other_calls: tuple[Layer, ...] = ()
    widest: Sizes = ()
    structure: tuple[Fact, ...] = ()
    transposed: bool = False

    @property
    def exact(self) -> bool:
        return not self.inexact

    @property
    def reads(self) -> tuple[int, ...]:
        """Per axis, how many positions of its input one position of the output reads at most.

        All taps of the kernel; of a transposed window those of one phase of its stride ``s``:
        ``t*d mod s`` takes ``s/gcd(s, d)`` values, so one tap in as many.
        """
        if not self.transposed:
            return self.kernel
        sizes = zip(self.kernel, self.stride, self.dilation, strict=True)
        return tuple(-(-k // (s // gcd(s, d))) for k, s, d in sizes)

    @property
    def largest(self) -> Sizes:
        """Per axis, the largest local size of any call (None: no local path is left)."""
        return self.widest or self.output.max

    @property
    def dense(self) -> bool:
        """Every path into the layer is global on every axis: a classifier head."""
        return all(size is None for size in self.output.min)
