"""Exported programs (``torch.export``, ``.pt2``): their graph is read as data and run node by node.

``torch.export.load`` is not called: it unpickles weights, constants and example inputs, and
evaluates the sizes as Python expressions.
"""

from __future__ import annotations

import io
import warnings

from torch.export import ExportedProgram, save

from rfa_core.errors import TraceError
from rfa_core.frontends.torch.exported.archive import Saved, read
from rfa_core.frontends.torch.exported.program import Program


def opened(file: str) -> Program:
    """The program in ``file``; raises TraceError if there is none that can be read."""
    return _program(read(file, file), file)


def program_of(exported: ExportedProgram) -> Program:
    """The program of a live object, by way of what would be saved of it."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        save(exported, buffer)
    buffer.seek(0)
    return _program(read(buffer, "the exported program"), "the exported program")


def _program(saved: Saved, where: str) -> Program:
    try:
        return Program(saved)
    except Exception as error:
        raise TraceError(
            f"{where} is damaged: its graph is not as PyTorch writes it"
            f" ({type(error).__name__}: {str(error)[:200]})",
            "export the model once more with torch.export.save",
        ) from error
