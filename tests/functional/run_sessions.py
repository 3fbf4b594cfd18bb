"""Runs ``rfa`` and ``pytest`` as a shell would, in children of one process that knows PyTorch.

Each line of stdin is a list: a folder and the words of a command. Each line of stdout is a list:
the exit code, and what the command wrote.
"""

from __future__ import annotations

import json
import os
import sys
from tempfile import TemporaryFile
from typing import IO

import pytest
import torch  # noqa: F401
import torchvision  # noqa: F401

from rfa_core.cli import main
from rfa_core.parallel import process

COMMANDS = {"rfa": main, "pytest": pytest.main}


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
    code = COMMANDS[words[0]](words[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(code))


if __name__ == "__main__":
    process._method = lambda: "fork"  # no thread runs here: PyTorch has computed nothing
    asked, answers = sys.stdin, os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in asked:
        folder, words = json.loads(line)
        answers.write(json.dumps(run(folder, words)) + "\n")
        answers.flush()
