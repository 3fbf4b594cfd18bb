"""Entries of the cache: the container, the values in it, and what is made of them."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from fuzz.contract import BrokenContractError
from fuzz.mutation import changed_json
from fuzz.targets.base import target
from fuzz.targets.checking import SIZE, report_on
from fuzz.targets.graph import networks
from rfa_core.api.analysis import guesses_of
from rfa_core.cache.container import NoEntryError, packed, unpacked
from rfa_core.cache.dependencies import Dependencies, as_json
from rfa_core.cache.folder import Folder
from rfa_core.cache.models import Models
from rfa_core.cache.runs import recall_run
from rfa_core.cache.values import Writer
from rfa_core.errors import RfaError
from rfa_core.examination import examine, first_running
from rfa_core.findings import ModelReport

KEY = "0" * 40
_HEAD = len(b"rfa cache 1\n")
WORDS = (
    "Layer", "Location", "Window", "Input", "Pointwise", "Contract", "analysed", "untraceable",
    "productive", "unproductive", "torch", "custom", "a.py", "../a.py", "stem",
)  # fmt: skip
_NOTHING = as_json(Dependencies({}, {}, {}, {}, {}, {}, 0))


def changed(data: bytes, dice: random.Random) -> bytes:
    """Other values in sections that are whole; sometimes, damage below a right checksum."""
    for number in (3, 2):
        try:
            sections = unpacked(data, range(number))
        except NoEntryError:
            continue
        if dice.random() < 0.1:
            return _damaged(data, dice)
        return packed(_changed(sections, dice)) or data
    return _damaged(data, dice)


def _changed(sections: list[Any], dice: random.Random) -> list[Any]:
    """Mostly the model and its graph: what they depend on is to hold."""
    at = dice.randrange(dice.random() < 0.9, len(sections))
    sections[at] = changed_json(sections[at], dice, WORDS)
    return sections


def _damaged(data: bytes, dice: random.Random) -> bytes:
    body = bytearray(data[_HEAD + 4 :] or b"\0")
    for _ in range(dice.choice((1, 1, 2, 5))):
        at = dice.randrange(min(len(body), dice.choice((4, 12, 100000))))
        body[at] = dice.choice((0, 1, 2, 255, dice.randrange(256)))
    return data[:_HEAD] + struct.pack("<I", zlib.crc32(body)) + body


def seeds() -> Iterator[bytes]:
    """A model of each kind as it is kept, and a run."""
    for network in networks():
        guesses = [
            replace(guess, with_structure=True, keeps_graph=True) for guess in guesses_of(network)
        ]
        report = examine(first_running(guesses, [SIZE]), [SIZE])
        sections = [_NOTHING, _written(replace(report, graph=None)), _written(report.graph)]
        yield packed(sections) or b""
    yield packed([_NOTHING, ["all is well\n", "full", 0]]) or b""


def _written(value: object) -> Any:
    writer = Writer("/project")
    body = writer.write(value)
    return [writer.shared, body]


@target("cache", changed, seeds)
def recall(data: bytes, folder: Path) -> None:
    """Nothing, or a model of which every report can be written; and nothing, or a run."""
    entries = Folder(str(folder))
    entries.prepare()
    for kind in ("models", "runs"):
        (folder / kind / f"{KEY}.rfa").write_bytes(data)
    try:
        model = Models(entries, str(folder)).recall(KEY, drawn=True)
        run = recall_run(entries, KEY)
    except RfaError as error:
        raise BrokenContractError(f"the cache raised {error!r}") from error
    if run is not None and not (isinstance(run.text, str) and run.exit_code in (0, 1)):
        raise BrokenContractError(f"no run: {run!r:.200}")
    if isinstance(model, ModelReport):
        report_on(model, folder)
