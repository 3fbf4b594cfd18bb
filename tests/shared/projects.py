"""Small projects on disk, and the command in a process of its own, as a user would start it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

GRAPHS = """\
import rfa_core as rfa


def sound():
    net = rfa.Graph("sound")
    net.conv("conv", filters=4, kernel=3)
    return net


def deep():
    net = rfa.Graph("deep")
    for number in range(8):
        net.conv(f"conv{number}", filters=4, kernel=9)
    return net
"""
"""Two models: at 8 px one has no finding, the other an error in line 10."""
CHAIN = """\
from torch import nn


class Net(nn.Module):
    def __init__(self, *kernels):
        super().__init__()
        convolutions = [nn.Conv2d(3, 3, kernel, padding="same") for kernel in kernels]
        self.layers = nn.Sequential(*convolutions)

    def forward(self, x):
        return self.layers(x)
"""
"""A PyTorch network of one convolution for each kernel, in 11 lines; factories come behind it."""


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """The folder, once each of ``files`` is in it, with the folders that they need."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def module_in(file: Path) -> ModuleType:
    """The module that a file holds, wherever it lies; nothing else can import it."""
    spec = spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def python(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What this Python does in ``folder``; ``env`` is all of its environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def rfa(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What ``rfa`` does in ``folder``; ``env`` is all of its environment."""
    return python(folder, "-m", "rfa_core", *arguments, env=env)
