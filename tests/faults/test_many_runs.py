"""Many runs at the same time, on one project and one cache, while the project changes.

``RFA_CONCURRENT_RUNS`` says how many; without it there are few, which end in seconds.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from fault_bench import Bench

from rfa_core.cache.container import unpacked

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are those of Unix")

RUNS = int(os.environ.get("RFA_CONCURRENT_RUNS", "12"))
EVERY = 6
"""One of so many runs takes the cache out instead."""
NET = """\
import rfa_core as rfa

DEPTH = {depth}


def {name}():
    net = rfa.Graph("{name}")
    for number in range(DEPTH):
        net.conv(f"conv{{number}}", filters=4, kernel=3)
    return net
"""
NAMES = ("first", "second", "third", "changing")
DEPTHS = (3, 9)
"""Of the network that changes: sound, and past the border."""
ENTRY = re.compile(r"[0-9a-f]{40}\.rfa")
KINDS = ("models", "runs")


@pytest.fixture
def crowd(bench: Bench) -> Bench:
    bench.write("models.py", "")
    for name in NAMES:
        bench.write(f"nets/{name}.py", NET.format(name=name, depth=2))
    return bench


def change(bench: Bench, depth: int) -> None:
    """Replace the source of one network whole, as editors do."""
    draft = bench.write("nets/draft", NET.format(name="changing", depth=depth))
    draft.replace(bench.root / "nets" / "changing.py")


@contextmanager
def changing(bench: Bench) -> Iterator[None]:
    done = threading.Event()

    def work() -> None:
        for depth in cycle(DEPTHS):
            change(bench, depth)
            if done.wait(0.1):
                return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def started(bench: Bench, number: int) -> subprocess.Popen[str]:
    if number % EVERY == EVERY - 1:
        return bench.start("cache", "clean")
    jobs = f"-n{1 + number % 2}"
    return bench.start("check", "nets", "--output-format=json", jobs)


def judged(report: Any) -> Any:
    return report["summary"], report["models"], report["findings"]


def test_all_are_right_and_the_cache_is_whole(crowd: Bench) -> None:
    expected = []
    for depth in DEPTHS:
        change(crowd, depth)
        expected.append(judged(crowd.check("nets", "--no-cache").report))

    with changing(crowd):
        runs = [started(crowd, number) for number in range(RUNS)]
        told = [run.communicate(timeout=900) for run in runs]

    for number, (run, (out, err)) in enumerate(zip(runs, told, strict=True)):
        assert crowd.left_by(run.pid) == []
        if number % EVERY == EVERY - 1:
            assert (run.returncode, out) == (0, "")
            assert err.endswith(f" taken out of {crowd.root}/.rfa_cache\n")
        else:
            assert err == ""
            assert judged(json.loads(out)) == expected[run.returncode]
    for at, depth in enumerate((*DEPTHS, *DEPTHS)):
        change(crowd, depth)
        assert judged(crowd.check("nets").report) == expected[at % 2]
    assert held(crowd) == entries(crowd.root / ".rfa_cache")


def held(bench: Bench) -> dict[str, int]:
    """How many entries ``rfa cache info`` counts."""
    told = json.loads(bench.rfa("cache", "info", "--format=json").out)
    return {kind: told[kind]["entries"] for kind in KINDS}


def entries(folder: Path) -> dict[str, int]:
    """How many there are, each of them whole and nothing beside them."""
    files = {kind: list((folder / kind).iterdir()) for kind in KINDS}
    for kind, found in files.items():
        for file in found:
            assert ENTRY.fullmatch(file.name)
            assert unpacked(file.read_bytes(), range(3 if kind == "models" else 2))
    return {kind: len(found) for kind, found in files.items()}
