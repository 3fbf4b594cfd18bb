"""What a second Dask worker saves in a sweep.

``python benchmarks/sweeping.py [--configurations N] [--runs N]``: ResNets of other widths and
depths at one resolution each, over a local cluster of one worker process and over one of two, in
turn. Workers have imported PyTorch before the clock starts. Needs ``pip install
'pytest-rfa[sweep]'`` and torchvision; skipped aloud without Dask.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from measures.tables import Table, seconds

import rfa_core as rfa

MODELS = """\
from torchvision.models.resnet import BasicBlock, ResNet


def resnet(depth: int, width: int, first: int) -> ResNet:
    return ResNet(BasicBlock, [first, 1, depth, 1], num_classes=width)
"""
RESOLUTION = 64
TEAMS = (1, 2)


def table(runs: int, configurations: int = 1000) -> Table | None:
    """Medians of ``runs`` sweeps over each cluster; None without Dask."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        print("sweeps over Dask were NOT measured: pip install distributed", file=sys.stderr)
        return None
    taken: dict[int, list[float]] = {workers: [] for workers in TEAMS}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "nets.py").write_text(MODELS, encoding="utf-8")
        Path(folder, "pyproject.toml").write_text("[tool.rfa]\n", encoding="utf-8")
        for _ in range(runs):
            for workers, own in taken.items():
                own.append(measured(workers, configurations, folder))
    medians = [statistics.median(own) for own in taken.values()]
    rows = [
        [f"{workers} worker{'s' * (workers > 1)}", seconds(median), f"{medians[0] / median:.2f}"]
        for workers, median in zip(TEAMS, medians, strict=True)
    ]
    title = f"A sweep of {configurations:,} ResNets over a Dask cluster"
    return Table(title, ["cluster of", "time", "times as fast"], rows)


def measured(workers: int, configurations: int, folder: str) -> float:
    """Seconds of one sweep over a new cluster."""
    import distributed

    grid: dict[str, Sequence[object]] = {
        "depth": [1, 2, 3, 4, 5],
        "first": [1, 2],
        "width": range(10, 10 + configurations // 10),
    }
    quiet = {"dashboard_address": None, "silence_logs": 60}
    with distributed.LocalCluster(n_workers=workers, threads_per_worker=1, **quiet) as cluster:
        with distributed.Client(cluster) as client:
            client.run(lambda: __import__("torchvision") and None)
        start = time.perf_counter()
        rows = rfa.sweep(
            f"{folder}/nets.py::resnet",
            RESOLUTION,
            grid=grid,
            settings=rfa.Settings(root=folder),
            scheduler=cluster.scheduler_address,
        )
        taken = time.perf_counter() - start
    judged = sum(row.status == "analysed" for row in rows)
    assert judged == len(rows) == configurations, f"{judged} of {len(rows)}"
    return taken


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configurations", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    found = table(options.runs, options.configurations)
    if found:
        print(found.markdown())


if __name__ == "__main__":
    main()
