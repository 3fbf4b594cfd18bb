"""What reads the same position, and what brings branches together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rfa_core.frontends.custom.kinds.base import layer_kind
from rfa_core.frontends.described import MisfitError
from rfa_core.frontends.draft import Draft
from rfa_core.frontends.phrases import broadcast, concatenated, elementwise
from rfa_core.graph import operations as op

Statistics = Literal["fixed", "channels", "instance"]


@layer_kind("norm")
@dataclass(frozen=True, slots=True)
class Norm:
    """A normalisation with a scale and a shift per channel.

    Its ``statistics`` are ``"fixed"`` after training (batch norm), those of the ``"channels"`` of
    a position, or those of the whole ``"instance"``.
    """

    statistics: Statistics = "fixed"

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        shape = draft.shape(sources[0])
        dims = {"fixed": (), "channels": (1,), "instance": tuple(range(1, len(shape)))}
        operation = op.Norm(dims[self.statistics])
        return draft.add(operation, sources, shape, "norm", parameters=2 * shape[1])


@layer_kind("activation")
@dataclass(frozen=True, slots=True)
class Activation:
    """Any function of single elements: an activation, dropout."""

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        return elementwise(draft, sources, "activation")


@layer_kind("add", sources=(2, None))
@dataclass(frozen=True, slots=True)
class Add:
    """A sum of branches, position by position; maps of one position are spread."""

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        return _merged(draft, sources, "add")


@layer_kind("multiply", sources=(2, None))
@dataclass(frozen=True, slots=True)
class Multiply:
    """A product of branches, position by position, as of a map and its gate."""

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        return _merged(draft, sources, "multiply")


@layer_kind("concat", sources=(2, None))
@dataclass(frozen=True, slots=True)
class Concat:
    """The channels of branches, one after the other."""

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        shapes = [draft.shape(source) for source in sources]
        if len({(len(shape), shape[2:]) for shape in shapes}) > 1:
            raise MisfitError(f"the maps do not fit together: {_listed(draft, sources)}")
        return concatenated(draft, sources, 1)


def _merged(draft: Draft, sources: Sequence[str], kind: str) -> str:
    shapes = [draft.shape(source) for source in sources]
    ranks = {len(shape) for shape in shapes}
    fitting = all(len({*sizes} - {1}) < 2 for sizes in zip(*shapes, strict=False))
    if len(ranks) > 1 or not fitting:
        raise MisfitError(f"the maps do not fit together: {_listed(draft, sources)}")
    return draft.add(op.Pointwise(), sources, broadcast(shapes), kind)


def _listed(draft: Draft, sources: Sequence[str]) -> str:
    """``2 channels of 8x8 from left, ...``: what comes in from which layer."""
    return ", ".join(f"{_words(draft.shape(name))} from {draft.layer(name)}" for name in sources)


def _words(shape: Sequence[int]) -> str:
    sizes = "x".join(map(str, shape[2:]))
    return f"{shape[1]} channels of {sizes}" if sizes else f"a vector of {shape[1]}"
