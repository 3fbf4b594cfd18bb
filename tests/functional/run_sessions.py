"""Runs ``rfa`` and ``pytest`` as a shell would, in children of one process that is warm.

Each line of stdin is a list: a folder and the words of a command. Each line of stdout is a list:
the exit code, and what the command wrote.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pkgutil import iter_modules
from tempfile import TemporaryFile
from typing import IO

import pytest
import torch
import torchvision  # noqa: F401

import rfa_core
from rfa_core.cli import main
from rfa_core.parallel import process

NEEDED = (
    "rfa_core.api",
    "rfa_core.cli",
    "rfa_core.frontends.torch",
    "rfa_core.report",
)
ALSO = {"check": ["--no-cache"], "range": ["--no-cache"]}
"""What changes no output: here digests of all that is imported would cost more than they save."""


def run(folder: str, words: list[str]) -> tuple[int, str]:
    """The exit code of a command, and all that it wrote."""
    with TemporaryFile("w+", encoding="utf-8") as written:
        child = os.fork()
        if not child:
            _become(folder, words, written)
        _, status = os.waitpid(child, 0)
        written.seek(0)
        return os.waitstatus_to_exitcode(status), written.read()


def _become(folder: str, words: list[str], written: IO[str]) -> None:
    os.chdir(folder)
    sys.path.insert(0, "")
    for stream in (sys.stdout, sys.stderr):
        os.dup2(written.fileno(), stream.fileno())
    code = _pytest(words[1:]) if words[0] == "pytest" else _rfa(words[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _rfa(arguments: list[str]) -> int:
    return main([*arguments, *ALSO.get(arguments[0], ())])


def _pytest(arguments: list[str]) -> int:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return int(pytest.main(["-p", "pytest_rfa.plugin", "-p", "no:cacheprovider", *arguments]))


def warm() -> None:
    """Import what commands need, once for all of them."""
    for package in map(import_module, NEEDED):
        for module in iter_modules(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    rfa_core.analyse(torch.nn.Conv2d(3, 4, kernel_size=3), 8)


if __name__ == "__main__":
    warm()
    process._method = lambda: "fork"  # no thread runs here: PyTorch has computed nothing
    asked, answers = sys.stdin, os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in asked:
        folder, words = json.loads(line)
        answers.write(json.dumps(run(folder, words)) + "\n")
        answers.flush()
