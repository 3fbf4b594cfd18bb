"""Outcomes as text, for the way from a worker of pytest to the process that writes reports: data
only, so that nothing in it can run."""

from __future__ import annotations

import json

from rfa_core.api.reporting import Outcome
from rfa_core.cache.values import Reader, Writer


def packed(outcome: Outcome, root: str) -> str:
    """``outcome`` as JSON, with files seen from ``root``."""
    writer = Writer(root)
    body = writer.write(outcome)
    return json.dumps([writer.shared, body], separators=(",", ":"))


def unpacked(text: str, root: str) -> Outcome:
    """What ``packed`` made a text of. Raises NoEntryError for another."""
    shared, body = json.loads(text)
    outcome: Outcome = Reader(root, shared).read(Outcome, body)
    return outcome
