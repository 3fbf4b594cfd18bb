"""One target under Atheris: coverage decides which inputs are kept and changed again."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["rfa_core"]):
    from fuzz.contract import hold
    from fuzz.findings import Findings
    from fuzz.targets import TARGETS
    from fuzz.targets.base import Boundary, empty

LONGEST = 20_000
"""Bytes of an input."""
_BLIND = 0.1
"""The share of inputs that are changed as bytes, whatever they are."""


def run(name: str, corpus: Path, found: Path, seconds: int, seed: int) -> None:
    """Fuzz the target ``name`` for ``seconds``; never returns: libFuzzer ends the process.

    Inputs that reach something new are added to ``corpus``, and what breaks the contract lies in
    ``found`` afterwards, one input a kind.
    """
    boundary = TARGETS[name]
    findings = Findings(found)
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))

    def one(data: bytes) -> None:
        empty(folder)
        try:
            hold(boundary.read, data, folder)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            findings.add(error, data)

    def change(data: bytes, longest: int, seed: int) -> Any:
        dice = random.Random(seed)
        if dice.random() < _BLIND:
            return atheris.Mutate(data, longest)
        return boundary.change(data, dice)[:longest]

    for number, data in enumerate(boundary.seeds()):
        (corpus / f"seed-{number}").write_bytes(data)
    _warm_up(boundary, (file.read_bytes() for file in corpus.iterdir()), folder)
    arguments = [
        sys.argv[0],
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-seed={seed}",
        "-timeout=120",
        "-report_slow_units=120",  # of the clock on the wall: the contract counts processor time
        "-rss_limit_mb=4096",
        "-print_final_stats=1",
        f"-artifact_prefix={found}/",
        str(corpus),
    ]
    atheris.Setup(arguments, one, custom_mutator=change)
    atheris.Fuzz()


def _warm_up(boundary: Boundary, inputs: Iterable[bytes], folder: Path) -> None:
    """Import what is imported when it is first used, while imports get their counters."""
    with atheris.instrument_imports(include=["rfa_core"]):
        for data in inputs:
            empty(folder)
            with suppress(Exception):
                boundary.read(data, folder)
