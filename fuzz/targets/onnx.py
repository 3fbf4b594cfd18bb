"""ONNX files: read as protocol buffers and followed node by node."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.message import DecodeError
from onnx import ModelProto, defs

from fuzz.messages import changed_message
from fuzz.mutation import TEXTS
from fuzz.networks import onnx_models
from fuzz.targets.base import target
from fuzz.targets.checking import check_file

_SCHEMAS = defs.get_all_schemas()
WORDS = (
    *sorted({schema.name for schema in _SCHEMAS}),
    *sorted({name for schema in _SCHEMAS for name in schema.attributes}),
    "", "x", "y", "w", "b", "own", "ai.onnx", "com.microsoft", "SAME_UPPER", "NOTSET", "linear",
    "N", "height", *TEXTS,
)  # fmt: skip


def changed(data: bytes, dice: random.Random) -> bytes:
    """A file with other fields; bytes are changed where it is none, or a name is no text."""
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError:
        return _damaged(data, dice)
    if dice.random() < 0.05 or not model.graph.node:
        return _damaged(data, dice)
    try:
        changed_message(model, dice, WORDS)
    except UnicodeDecodeError:
        return _damaged(data, dice)
    return model.SerializeToString()


def _damaged(data: bytes, dice: random.Random) -> bytes:
    found = bytearray(data or b"\0")
    for _ in range(dice.choice((1, 2, 8))):
        found[dice.randrange(len(found))] = dice.randrange(256)
    return bytes(found[: dice.choice((len(found), dice.randrange(len(found)) + 1))])


def seeds() -> Iterator[bytes]:
    return (model.SerializeToString() for model in onnx_models())


@target("onnx", changed, seeds)
def check_onnx(data: bytes, folder: Path) -> None:
    file = folder / "net.onnx"
    file.write_bytes(data)
    check_file(file)
