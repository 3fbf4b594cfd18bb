"""Work in several processes."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from rfa_core.parallel import Lost, Workers, jobs_for

WORK = """\
import os

base = 0


def start(number):
    global base
    base = number
    print("started")


def add(item):
    if item == "dies":
        os._exit(9)
    if item == "raises":
        raise ValueError("no number")
    return base + item
"""


@pytest.fixture
def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workers[object, int]:
    """Workers that add 100, die or raise, as the item says."""
    (tmp_path / "work_in_processes.py").write_text(WORK)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    module = importlib.import_module("work_in_processes")
    return Workers(module.add, module.start, (100,))


@pytest.fixture
def log() -> tuple[list[int], Callable[[int, object], None]]:
    counts: list[int] = []
    return counts, lambda count, _item: counts.append(count)


def test_results_come_in_the_order_of_the_items(
    workers: Workers[object, int], log: tuple[list[int], Callable[[int, object], None]]
) -> None:
    counts, done = log

    results = workers.run([3, 1, 2, 5, 4], 2, done)

    assert results == [103, 101, 102, 105, 104]
    assert counts == [1, 2, 3, 4, 5]


def test_a_worker_that_dies_costs_one_item(
    workers: Workers[object, int], log: tuple[list[int], Callable[[int, object], None]]
) -> None:
    results = workers.run([1, "dies", 2, 3], 2, log[1])

    assert results == [101, Lost(), 102, 103]


def test_an_exception_of_the_work_is_raised_here(
    workers: Workers[object, int], log: tuple[list[int], Callable[[int, object], None]]
) -> None:
    with pytest.raises(ValueError, match="no number"):
        workers.run([1, "raises", 2], 2, log[1])


def test_what_workers_print_is_kept_off_stdout(
    workers: Workers[object, int],
    log: tuple[list[int], Callable[[int, object], None]],
    capfd: pytest.CaptureFixture[str],
) -> None:
    workers.run([1], 1, log[1])

    assert capfd.readouterr() == ("", "started\n")


@pytest.mark.parametrize(
    ("wanted", "items", "jobs"), [("1", 80, 1), ("4", 2, 2), ("4", 0, 1), ("auto", 15, 1)]
)
def test_jobs_are_no_more_than_there_is_work_for(wanted: str, items: int, jobs: int) -> None:
    assert jobs_for(wanted, items) == jobs
