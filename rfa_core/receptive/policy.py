"""The settings that decide a verdict."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """How layers are judged; the defaults are those of the reference implementation.

    ``strict_tie``: an input footprint equal to the resolution does not count as seeing all
    of it (the rule of the papers). ``judge_pointwise``: kernels of size 1 are judged like
    all others. ``judge_pooling``: pooling layers are judged, too. ``global_norms``: norm
    statistics over positions count as global context.
    """

    strict_tie: bool = False
    judge_pointwise: bool = True
    judge_pooling: bool = False
    global_norms: bool = False
