"""What a second Dask worker saves in a sweep.

``python benchmarks/sweeping.py [--configurations N] [--runs N]``: ResNets of other widths, depths
and groups each at one resolution, over a local cluster of one worker process and over one of two,
in turn. Workers have imported PyTorch before the clock starts. Needs ``pip install
'pytest-rfa[sweep]'`` and torchvision.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import dask
import distributed

import rfa_core as rfa

MODELS = """\
from torchvision.models.resnet import BasicBlock, ResNet


def resnet(depth: int, width: int, first: int) -> ResNet:
    return ResNet(BasicBlock, [first, 1, depth, 1], width_per_group=64, num_classes=width)
"""
RESOLUTIONS = (64,)


def main() -> None:
    """Print the times of each run, and the ratio of their medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configurations", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}, dask {dask.__version__}")
    seconds: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "nets.py").write_text(MODELS, encoding="utf-8")
        Path(folder, "pyproject.toml").write_text("[tool.rfa]\n", encoding="utf-8")
        for _ in range(options.runs):
            for workers, times in seconds.items():
                times.append(measured(workers, options.configurations, folder))
                print(
                    f"{options.configurations} configurations, {workers} workers: {times[-1]:.1f} s"
                )
    one, two = (statistics.median(times) for times in seconds.values())
    print(f"medians {one:.1f} s and {two:.1f} s: {one / two:.2f} times as fast with two workers")


def measured(workers: int, configurations: int, folder: str) -> float:
    """Seconds of one sweep over a new cluster."""
    grid: dict[str, Sequence[object]] = {
        "depth": [1, 2, 3, 4, 5],
        "first": [1, 2],
        "width": range(10, 10 + configurations // 10),
    }
    how = {"processes": True, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(n_workers=workers, **how) as cluster:
        with distributed.Client(cluster) as client:
            client.run(lambda: __import__("torchvision") and None)
        start = time.perf_counter()
        rows = rfa.sweep(
            f"{folder}/nets.py::resnet",
            RESOLUTIONS,
            grid=grid,
            settings=rfa.Settings(root=folder),
            scheduler=cluster.scheduler_address,
        )
        taken = time.perf_counter() - start
    judged = sum(row.status == "analysed" for row in rows)
    assert judged == len(rows) == configurations * len(RESOLUTIONS), f"{judged} of {len(rows)}"
    return taken


if __name__ == "__main__":
    main()
