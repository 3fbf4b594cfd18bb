"""The same without coverage, for any Python and without Atheris: changes upon changes."""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import process_time

from fuzz.contract import hold
from fuzz.findings import Findings
from fuzz.targets import TARGETS
from fuzz.targets.base import empty

MOST = 3_000
"""Inputs that are kept to be changed again: those that had a result."""


def run(name: str, corpus: Path, found: Path, seconds: int, seed: int) -> None:
    """Try the target ``name`` for ``seconds`` of processor time, and print what came of it."""
    boundary, findings, outcomes = TARGETS[name], Findings(found), Counter[str]()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    pool = [*boundary.seeds(), *(file.read_bytes() for file in sorted(corpus.iterdir()))]
    for data in _until(seconds, pool, name, random.Random(seed)):
        empty(folder)
        try:
            outcome = hold(boundary.read, data, folder)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            findings.add(error, data)
            outcome = f"BROKEN: {type(error).__name__}"
        outcomes[outcome] += 1
        if outcome == "result" and len(pool) < MOST:
            pool.append(data)
    counts = ", ".join(f"{outcome} {count}" for outcome, count in outcomes.most_common())
    sys.stdout.write(f"{name}: {outcomes.total()} inputs in {seconds} s: {counts}\n")


def _until(seconds: int, pool: list[bytes], name: str, dice: random.Random) -> Iterator[bytes]:
    end = process_time() + seconds
    while process_time() < end:
        data = dice.choice(pool)
        for _ in range(dice.choice((1, 1, 2))):
            data = TARGETS[name].change(data, dice)
        yield data
