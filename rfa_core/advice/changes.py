"""What is changed about a network: values that say it of a graph and of the user's source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from rfa_core.graph.operations import Window


class Kind(str, Enum):
    """The kinds of edits."""

    STRIDE = "stride"
    POOLING = "pooling"
    KERNEL = "kernel"
    MOVED_STRIDE = "moved-stride"
    DILATION = "dilation"
    TAIL = "tail"
    STAGE = "stage"

    def __str__(self) -> str:
        return self.value


class UnfitError(Exception):
    """An edit that would break the network: where, and why, in words.

    ``consequence`` says of this class what such edits have in common.
    """

    consequence = "would break the network"

    def __init__(self, layer: str, reason: str) -> None:
        super().__init__(layer, reason)
        self.layer = layer
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.layer}: {self.reason}" if self.layer else self.reason


class UnfollowedError(UnfitError):
    """An edit that the network may well bear, but one trace does not tell what it makes."""

    consequence = "cannot be followed from one trace"


class OutputError(UnfitError):
    """An edit after which the network would return something else."""

    consequence = "would change what the network returns"


class WastefulError(UnfitError):
    """An edit that takes more of what is of use than it is worth."""

    consequence = "would drop too much that is of use"


@dataclass(frozen=True, slots=True)
class WindowChange:
    """A layer whose window becomes ``after``, in all of its calls."""

    layer: str
    before: Window
    after: Window


@dataclass(frozen=True, slots=True)
class Removal:
    """Everything between two nodes is gone: who read ``last`` reads ``source`` instead.

    ``channel`` is the dimension along which these two may differ: who reads it is made to fit.
    """

    source: str
    last: str
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Changes that belong together: one of them alone would break a merge."""

    kind: Kind
    windows: tuple[WindowChange, ...] = ()
    removals: tuple[Removal, ...] = ()
