"""User code that tries to get at our process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rfa_core.discovery.guard import guarded


def leave(_: Path) -> None:
    os._exit(3)


def ask(_: Path) -> None:
    input("how deep? ")


@pytest.mark.parametrize(
    ("act", "raised", "text"),
    [
        (leave, SystemExit, "3"),
        (ask, EOFError, "it asks for input, and there is no one to answer"),
    ],
)
def test_what_would_end_or_stop_the_process_raises(
    act: Callable[[Path], None], raised: type[BaseException], text: str, tmp_path: Path
) -> None:
    with pytest.raises(raised) as error, guarded([], str(tmp_path), "models.py"):
        act(tmp_path)

    assert str(error.value) == text


def test_everything_is_put_back(tmp_path: Path) -> None:
    before = (Path.cwd(), os._exit, sys.stdin, list(sys.path), list(sys.argv))

    with guarded([str(tmp_path)], str(tmp_path), "models.py"):
        os.chdir(tmp_path)
        sys.path.clear()
        sys.argv.append("--more")

    assert (Path.cwd(), os._exit, sys.stdin, list(sys.path), list(sys.argv)) == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("code", [0, 7])
def test_a_copy_of_the_process_ends_inside(tmp_path: Path, code: int) -> None:
    copy = -1

    with guarded([], str(tmp_path), "models.py"):
        copy = os.fork()
        if copy == 0 and code:
            os._exit(code)

    assert os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) == code
