"""ONNX files: read as data, external data left where they are."""

from __future__ import annotations

from pathlib import Path

from google.protobuf.message import DecodeError
from onnx import ModelProto

from rfa_core.errors import TraceError
from rfa_core.frontends.onnx.program import program

LARGEST_FILE = 2**31 - 1
"""What the format allows without external data."""


def load(file: str) -> ModelProto:
    """The model in ``file``; raises TraceError if it is none, names the file and the place."""
    path = Path(file)
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise TraceError(
                f"{path.name} has {size} bytes, more than an ONNX file can",
                "save it with its weights as external data",
            )
        data = path.read_bytes()
    except OSError as error:
        raise TraceError(f"{path.name} cannot be read: {error.strerror}") from error
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except (DecodeError, RecursionError) as error:
        raise TraceError(
            f"{path.name} is no ONNX model, or is cut off: {error}",
            "expected a file that onnx.save or an exporter has written",
        ) from error
    try:
        program(model)
    except TraceError as error:
        raise TraceError(f"{path.name}: {error.message}", error.hint) from error
    return model
