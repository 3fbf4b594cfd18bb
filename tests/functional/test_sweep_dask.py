"""A sweep over a real Dask cluster, one of whose workers is killed while it works."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import rfa_core as rfa
from rfa_core.cli import main
from rfa_core.errors import UsageError
from rfa_core.sweeping.lines import read_lines
from rfa_core.sweeping.rows import Row

distributed = pytest.importorskip(
    "distributed", reason="needs Dask (pip install distributed); sweeps over it were NOT tested"
)
dask = pytest.importorskip("dask")

MODELS = """\
import os
import time

import rfa_core as rfa


def chain(depth: int = 3, pause: float = 0.0) -> rfa.Graph:
    time.sleep(pause)
    net = rfa.Graph("chain", channels=3)
    for n in range(depth):
        net.conv(f"conv{n}", filters=8, kernel=3, stride=2)
    return net


def deadly() -> None:
    os.kill(os.getpid(), 9)
"""
SCHEDULER = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.logging": {"distributed": "critical"},
}


FATE = "ended every Dask worker that was to build it"
pytestmark = [pytest.mark.dask, pytest.mark.usefixtures("project")]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.rfa]\n")
    (tmp_path / "nets.py").write_text(MODELS)
    monkeypatch.chdir(tmp_path)
    sys.modules.pop("nets", None)


@contextmanager
def cluster_of(workers: int, *, processes: bool) -> Iterator[Any]:
    """Workers of one thread; in processes of their own, with a nanny each that starts a new one for
    one that died."""
    options = {"processes": processes, "threads_per_worker": 1, "protocol": "tcp"}
    quiet = {"dashboard_address": None, "silence_logs": 60}
    with (
        dask.config.set(SCHEDULER),
        distributed.LocalCluster(n_workers=workers, **options, **quiet) as cluster,
    ):
        yield cluster


def test_nothing_is_lost_or_counted_twice_when_workers_die() -> None:
    grid = {"depth": list(range(1, 13)), "pause": [0.03]}
    alone = rfa.sweep("nets:chain", [8, 64], grid=grid)
    killed: list[int] = []

    with cluster_of(2, processes=True) as cluster:

        def kill(done: int, total: int, name: str) -> None:
            del total, name
            if done > 4 and not killed:
                killed.append(cluster.workers[1].pid)
                os.kill(killed[0], signal.SIGKILL)

        at = cluster.scheduler_address
        rows = rfa.sweep(
            "nets:chain", [8, 64], grid=grid, progress=kill, scheduler=at, file="rows.jsonl"
        )
        more = rfa.sweep(["nets:deadly", "nets:chain"], [8], scheduler=at)

    assert killed
    assert rows == alone
    assert rows_in("rows.jsonl") == list(alone)
    assert [(row.model, row.status, row.error) for row in more] == [
        ("nets:deadly", "unbuildable", f"nets:deadly {FATE}"),
        ("nets:chain", "analysed", None),
    ]


def test_a_scheduler_that_goes_away_leaves_what_was_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    slow = ["--grid", "depth=1,2,3,4,5,6,7,8", "--grid", "pause=0.1"]
    command = ["sweep", "nets:chain", "--res", "8", *slow, "-o", "rows.jsonl"]
    grid = {"depth": list(range(1, 9)), "pause": [0.1]}

    with (
        cluster_of(1, processes=False) as cluster,
        pytest.raises(UsageError, match="went away"),
    ):
        rfa.sweep(
            "nets:chain",
            [8],
            grid=grid,
            scheduler=cluster.scheduler_address,
            file="rows.jsonl",
            progress=lambda *_: cluster.close(),
        )
    kept = rows_in("rows.jsonl")
    unreachable = main([*command, "--scheduler", "tcp://127.0.0.1"])
    said = capsys.readouterr().err
    finished = main([*command, "-n", "1"])

    assert 0 < len(kept) < 8
    assert (unreachable, finished) == (2, 0)
    assert "there is no Dask scheduler at tcp://127.0.0.1" in said
    assert {row.key for row in kept} < {row.key for row in rows_in("rows.jsonl")}
    assert len(rows_in("rows.jsonl")) == 8


def rows_in(name: str) -> list[Row]:
    return read_lines(name, Path(name).read_bytes())
