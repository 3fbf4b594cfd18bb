"""Two reports compared: JSON in, what became better and worse out."""

from __future__ import annotations

from rfa_core.comparing.difference import Change, Difference, Told, compared
from rfa_core.comparing.snapshot import Known, Snapshot, State, read_snapshot

__all__ = [
    "Change",
    "Difference",
    "Known",
    "Snapshot",
    "State",
    "Told",
    "compared",
    "read_snapshot",
]
