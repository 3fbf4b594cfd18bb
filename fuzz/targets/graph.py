"""Networks in ``*.rfa.json`` files, in both of their forms."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import rfa_core as rfa
from fuzz.mutation import as_json, changed_json, changed_text
from fuzz.targets.base import target
from fuzz.targets.checking import check_file
from rfa_core.api.analysis import guesses_of
from rfa_core.frontends.custom.kinds.base import kind_of, known_kinds
from rfa_core.graph.json_form import to_json
from rfa_core.graph.json_types import OPERATIONS, public_fields

_FIELDS = sorted({entry.name for kind in OPERATIONS.values() for entry in public_fields(kind)})
_KINDS = {name: kind_of(name) for name in known_kinds()}
_OPTIONS = sorted({option for kind in _KINDS.values() if kind for option in kind.options})
WORDS = (
    *_KINDS, *_OPTIONS, *OPERATIONS, *_FIELDS, "name", "type", "after", "layers", "axes", "nodes",
    "version", "operands", "operation", "shape", "outputs", "in", "stem", "a", "b", "same", "[",
    "]", "{", "}", ",", ":", '"', "null", "1.5", "1e99", "-", "\n", "\\ud800",
)  # fmt: skip


def changed(data: bytes, dice: random.Random) -> bytes:
    value = as_json(data)
    if value is None or dice.random() < 0.2:
        return changed_text(data, dice, WORDS)
    return json.dumps(changed_json(value, dice, WORDS)).encode()


def seeds() -> Iterator[bytes]:
    """Small networks in the form of layers and in that of nodes."""
    for network in networks():
        (guess,) = guesses_of(network)
        yield json.dumps(to_json(guess.trace((24,) * guess.spec.count))).encode()


def networks() -> Iterator[rfa.Graph]:
    """A residual network with branches, and one along one axis."""
    net = rfa.Graph("net")
    net.conv("stem", filters=8, kernel=7, stride=2)
    left = net.conv("left", filters=8, kernel=3, dilation=2)
    right = net.conv("right", "stem", filters=8, kernel=1)
    net.add("join", left, right)
    net.max_pool("pool", kernel=2, stride=2)
    for place in range(3):
        net.conv(f"deep{place}", filters=8, kernel=3)
    yield net
    line = rfa.Graph("line", axes=1)
    line.conv("first", filters=4, kernel=9, stride=3)
    line.conv("last", filters=4, kernel=5)
    yield line


@target("graph", changed, seeds)
def check_graph(data: bytes, folder: Path) -> None:
    file = folder / "net.rfa.json"
    file.write_bytes(data)
    check_file(file)
