"""What a search for repairs costs, and how many models it repairs.

For each of torchvision's classification models, built without weights: processor seconds of
tracing and analysis, of a search with its proposals tried on the module, and of the advice in
messages; how many layers are unproductive, before and in the best proposal of each goal.
``python benchmarks/suggesting.py [--res 64] [--jobs 2] [NAME ...]``
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import torch
import torchvision

from rfa_core.advice.short import short_advice
from rfa_core.discovery.build import build
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.load import load
from rfa_core.errors import RfaError
from rfa_core.examination import Examination
from rfa_core.frontends import frontend_of
from rfa_core.proposals import GOALS, Suggestions
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import parse_resolution
from rfa_core.suggesting import suggest_for

Result = TypeVar("Result")


@dataclass(frozen=True)
class Row:
    """One model: what was found and processor seconds."""

    name: str
    found: Suggestions | None
    look: float
    search: float
    short: float


def main() -> None:
    """Print one line per model, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--res", default="64")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    names = options.names or torchvision.models.list_models(module=torchvision.models)
    print(f"{platform.platform()}, torch {torch.__version__}, {options.res} px")
    print(f"{'model':24}{'look':>8}{'search':>9}{'short':>9}  unproductive, left by goal")
    start = time.perf_counter()
    with ProcessPoolExecutor(options.jobs) as pool:
        rows = []
        for row in pool.map(partial(measured, resolution=options.res), names):
            print(line(row), flush=True)
            rows.append(row)
    wall = time.perf_counter() - start
    searched = [row for row in rows if row.found is not None and row.found.before.unproductive]
    repaired = sum(min(left(row.found).values(), default=1) == 0 for row in searched)
    longest = max(rows, key=lambda row: row.search)
    print(f"{repaired} of {len(searched)} models with unproductive layers are repaired")
    print(f"search {sum(row.search for row in rows):.0f} s, longest {longest.name}")
    looks = sum(row.look for row in searched)
    print(f"short advice / look: {sum(row.short for row in searched) / looks:.3f}")
    print(f"wall time {wall:.0f} s with {options.jobs} jobs")


def measured(name: str, resolution: str) -> Row:
    """The search of one model."""
    torch.set_num_threads(1)
    target = Target(f"torchvision:{name}")
    built = build(load(target, "."), target, {}, ".")
    frontend = frontend_of(built.model)
    spec = frontend.guess_inputs(built.model)[0]
    examination = Examination(
        frontend, built.model, spec, target.name, built.constructed, ".", Policy()
    )
    asked = parse_resolution(resolution)
    sizes = asked.for_axes(spec.count)
    try:
        sight, look = timed(lambda: examination.at(sizes))
    except RfaError:
        return Row(name, None, 0, 0, 0)
    found, search = timed(lambda: suggest_for(examination, asked))
    _, short = timed(lambda: short_advice(sight.graph, sight.layers, sizes, Policy(), "."))
    return Row(name, found, look, search, short)


def timed(call: Callable[[], Result]) -> tuple[Result, float]:
    """What ``call`` returns, and its processor seconds."""
    start = time.process_time()
    return call(), time.process_time() - start


def left(found: Suggestions | None) -> dict[str, int]:
    """How many layers the best proposal of each goal leaves unproductive."""
    proposals = found.proposals if found else ()
    counts: dict[str, int] = {}
    for one in proposals:
        counts[one.goal] = min(one.after.unproductive, counts.get(one.goal, one.after.unproductive))
    return counts


def line(row: Row) -> str:
    """One model in one line."""
    times = f"{row.name:24}{row.look:7.2f}s{row.search:8.2f}s{1000 * row.short:7.1f}ms"
    if row.found is None:
        return f"{row.name:24} cannot run"
    best = left(row.found)
    words = ", ".join(f"{goal} {best[goal]}" for goal in GOALS if goal in best) or row.found.why
    return f"{times}  {row.found.before.unproductive}: {words}"


if __name__ == "__main__":
    main()
