"""Importing libraries that write to the terminal when they start."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from types import ModuleType

_SETTINGS = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
"""What keeps TensorFlow from announcing itself; the second changes its rounding."""

_TENSORFLOW = ("tensorflow", "keras", "tf_keras")


def silence_tensorflow() -> None:
    """Let TensorFlow be quiet in this process, which has to be our own, unless it is told else."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)


def load_triton() -> None:
    """Load Triton, of PyTorch's builds for GPUs, where it is installed: before TensorFlow.

    Loaded after TensorFlow, which brings another LLVM, it crashes the process.
    """
    with suppress(ImportError):
        import_module("triton._C.libtriton")


def imported_quietly(name: str) -> ModuleType:
    """Import ``name``; what native code writes to the standard error meanwhile is dropped.

    Settings do not reach TensorFlow's first messages, which precede its logging. Raises
    ImportError.
    """
    if name in sys.modules:
        return sys.modules[name]
    if name in _TENSORFLOW:
        load_triton()
    with _descriptor_aside(2):
        return import_module(name)


@contextmanager
def _descriptor_aside(number: int) -> Iterator[None]:
    try:
        saved = os.dup(number)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(saved, number)
        os.close(saved)
