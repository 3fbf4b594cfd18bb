"""All that is measured of speed, in one run: a page of tables, and a plot.

``python benchmarks/run.py --page docs/benchmarks.md --plot docs/images/benchmarks.svg`` takes half
an hour on two cores (with ``PYTHONHASHSEED=0``: the page says why); ``--only NAME`` measures some
of it, ``--runs N`` says how often, and ``--results FILE`` keeps parts from run to run. The peers
(``rfa_toolbox``, ``torch-scan``, ``torchinfo``, ``fvcore``) are measured where they are installed,
and skipped aloud where not.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy
import sweeping
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
$ export PYTHONHASHSEED=0
$ python benchmarks/run.py --page docs/benchmarks.md --plot docs/images/benchmarks.svg
```

The seed is for `rfa_toolbox`: it takes twenty times as long for AlexNet where other seeds order its
sets otherwise.
"""


def _section(measured: Callable[..., Table | None], repeats: bool = False) -> Callable[[int], str]:
    """What is ``measured``, so many times if it ``repeats``, as a part of the page."""

    def made(runs: int) -> str:
        table = measured(runs) if repeats else measured()
        if table is None:
            return ""
        return f"{table.markdown()}\n\n{_load(runs)}" if repeats else table.markdown()

    return made


def _load(runs: int) -> str:
    """How often it was measured, and how busy the machine was."""
    often = f"medians of {runs} runs" if runs > 1 else "one run"
    return f"Wall times: {often}, {os.getloadavg()[0]:.1f} processes waiting for {_cores()} cores."


def _cores() -> int:
    known = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    return len(known) or os.cpu_count() or 1


SECTIONS = {
    "cold": _section(processes.cold, repeats=True),
    "zoo": _section(processes.zoo, repeats=True),
    "timm": _section(processes.timm_zoo, repeats=True),
    "warm": _section(processes.warm, repeats=True),
    "depth": _section(engine.depth),
    "width": _section(engine.width),
    "resolutions": _section(engine.resolutions),
    "search": _section(engine.search),
    "sweep": _section(sweeping.table, repeats=True),
}


def main() -> None:
    """Measure what is asked for, and write or print it."""
    options = _options()
    kept = options.results
    known = json.loads(kept.read_text()) if kept and kept.exists() else {}
    for name in [one for one in ("peers", *SECTIONS) if one in options.only]:
        known[name] = side_by_side(options) if name == "peers" else SECTIONS[name](options.runs)
        print(known[name], file=sys.stderr, flush=True)
        if kept:
            kept.write_text(json.dumps(known, indent=1))
    found = [known[name] for name in ("peers", *SECTIONS) if known.get(name)]
    page = "\n\n".join(part.strip() for part in (INTRODUCTION, machine(), *found)) + "\n"
    if options.page:
        options.page.write_text(page, encoding="utf-8")
    else:
        print(page)


def side_by_side(options: argparse.Namespace) -> str:
    """The table of the peers, and where their plot is."""
    found, said = peers.tools()
    times = peers.timed(options.models, options.runs, found)
    table = peers.table(times, said).markdown()
    if not options.plot:
        return table
    options.plot.write_text(plot.dots(times, "Seconds per model, by tool"), encoding="utf-8")
    shown = os.path.relpath(options.plot, (options.page or Path("page.md")).parent)
    return f"{table}\n\n![Seconds per model and tool]({shown})"


def machine() -> str:
    """The machine and the versions, as a paragraph."""
    return (
        f"{_processor()}, {_cores()} cores; {platform.system()}, "
        f"Python {platform.python_version()}, rfa {rfa.__version__}, "
        f"torch {torch.__version__}, torchvision {torchvision.__version__}, "
        f"NumPy {numpy.__version__}; one thread per process."
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _options() -> argparse.Namespace:
    names = ("peers", *SECTIONS)
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", choices=names, default=names)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--models", nargs="+", default=peers.MODELS, help="for the peers")
    parser.add_argument("--results", type=Path, help="where parts are kept from run to run")
    parser.add_argument("--page", type=Path, help="the page to write; else it is printed")
    parser.add_argument("--plot", type=Path, help="the plot to write")
    return parser.parse_args()


if __name__ == "__main__":
    main()
