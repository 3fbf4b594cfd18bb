"""Files of accepted findings: read, and written again."""

from __future__ import annotations

import json
import random
from pathlib import Path

from fuzz.contract import BrokenContractError
from fuzz.mutation import as_json, changed_json, changed_text
from fuzz.targets.base import target
from rfa_core.baseline import read_baseline, render_baseline, write_baseline
from rfa_core.report.accepted import render_accepted
from rfa_core.rules import RULES

WORDS = (
    *RULES, "version", "findings", "rule", "model", "resolution", "layer", "acme:net", "[", "]",
    "{", "}", ",", ":", '"', "null", "NaN", "Infinity", "-", "1e999", "<<<<<<<", "=======",
    ">>>>>>>", "|||||||", "\n", "\\u0000", "\\ud800", "\ufeff",
)  # fmt: skip


def changed(data: bytes, dice: random.Random) -> bytes:
    value = as_json(data)
    if value is None or dice.random() < 0.4:
        return changed_text(data, dice, WORDS)
    return json.dumps(changed_json(value, dice, WORDS), indent=dice.choice((None, 1))).encode()


@target("baseline", changed)
def read_and_rewrite(data: bytes, folder: Path) -> None:
    """What was read can be shown, and written to a file that reads as the same."""
    file = folder / ".rfa-baseline.json"
    file.write_bytes(data)
    found = read_baseline(file, file.name)
    for form in ("text", "json"):
        render_accepted(file.name, found, form)
    write_baseline(file, found)
    again = read_baseline(file, file.name)
    if set(again) != set(found) or render_baseline(again) != render_baseline(found):
        raise BrokenContractError("a baseline that was written reads as another")
