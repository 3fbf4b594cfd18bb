"""All that is measured of speed, in one run: a page of tables, and a plot.

``python benchmarks/run.py --page docs/benchmarks.md --plot docs/images/benchmarks.svg`` takes
half an hour on two cores; ``--only NAME ...`` measures some of it, ``--runs N`` says how often. The
peers (``rfa_toolbox``, ``torch-scan``, ``torchinfo``, ``fvcore``) are measured where they
are installed, and skipped aloud where not.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy
import torch
import torchvision
from measures import engine, peers, plot, processes
from measures.tables import Table

import rfa_core as rfa

INTRODUCTION = """\
# Benchmarks

Figures of one run on one machine: compare those of a table with each other, not with another
machine's. Made by

```console
$ python benchmarks/run.py --page docs/benchmarks.md --plot docs/images/benchmarks.svg
```
"""
PLOT = "\n![Seconds per model and tool]({})\n"

Section = Callable[[int], Table | None]
SECTIONS: dict[str, Section] = {
    "cold": processes.cold,
    "zoo": processes.zoo,
    "warm": processes.warm,
    "depth": lambda _: engine.depth(),
    "width": lambda _: engine.width(),
    "resolutions": lambda _: engine.resolutions(),
    "search": lambda _: engine.search(),
}


def main() -> None:
    """Measure what is asked for, and write or print it."""
    options = _options()
    parts = [INTRODUCTION, machine()]
    if "peers" in options.only:
        found, said = peers.tools()
        times = peers.timed(options.models, options.runs, found)
        parts.append(peers.table(times, said).markdown())
        if options.plot:
            options.plot.write_text(plot.dots(times, "Seconds per model, by tool"))
            shown = os.path.relpath(options.plot, (options.page or Path("page.md")).parent)
            parts.append(PLOT.format(shown))
    for name, section in SECTIONS.items():
        if name in options.only and (table := section(options.runs)) is not None:
            parts.append(table.markdown())
            print(table.markdown(), file=sys.stderr, flush=True)
    page = "\n\n".join(part.strip() for part in parts) + "\n"
    if options.page:
        options.page.write_text(page, encoding="utf-8")
    else:
        print(page)


def machine() -> str:
    """The machine and the versions, as a paragraph."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{_processor()}, {cores} cores; {platform.system()}, Python {platform.python_version()}, "
        f"rfa {rfa.__version__}, torch {torch.__version__}, torchvision "
        f"{torchvision.__version__}, NumPy {numpy.__version__}; one thread per process."
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _options() -> argparse.Namespace:
    names = ("peers", *SECTIONS)
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--models", nargs="+", default=peers.MODELS, help="for the peers")
    parser.add_argument("--page", type=Path, help="the page to write; else it is printed")
    parser.add_argument("--plot", type=Path, help="the plot to write")
    return parser.parse_args()


if __name__ == "__main__":
    main()
