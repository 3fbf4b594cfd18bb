"""How many mutants of the mathematics and of the rules the tests notice.

``python benchmarks/mutation/run.py [--minutes M] [--most N] [--seed S]`` tries mutants of both
packages in a random order, so that those tried are a random sample whenever it stops, and writes
each as a line of JSON to ``--to``; what stands there already is not tried again. ``--report``
only prints what the file holds; ``--again`` tries its survivors once more and keeps the rest, with
``--oracle`` also by the tests that hold models of PyTorch to a real forward pass.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import chain, zip_longest
from math import sqrt
from pathlib import Path

import pytest
from killing import Killing, Verdict
from mutants import Change, Mutant, mutants_of

PACKAGES = ("rfa_core/receptive", "rfa_core/rules")
TESTS = (
    "tests/unit/receptive", "tests/unit/rules", "tests/unit/search",
    "--deselect=tests/unit/receptive/test_deep_graphs.py",
)  # fmt: skip
ORACLE = ("tests/unit/frontends/test_oracle_*.py", "tests/unit/frontends/test_autograd.py")
"""Tests that hold models of PyTorch to a real forward pass."""
SURE = 1.96
"""Standard deviations of the interval: 95 %."""


def main() -> int:
    """Try mutants, and print the shares noticed, the survivors last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--most", type=int, default=10_000, help="mutants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--to", type=Path, default=Path("mutants.jsonl"))
    parser.add_argument("--only", default="", help="modules whose path holds this")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--oracle", action="store_true", help="with tests that need PyTorch, too")
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    if not options.report:
        known = _read(options.to)
        again = {mutant for mutant, entry in known.items() if entry["verdict"] in NOT_NOTICED}
        drawn = again if options.again else drawn_of(options.seed, options.only)
        tried = known.keys() - again if options.again else known.keys()
        new = (mutant for mutant in drawn if mutant not in tried)
        tests = (*TESTS, *_oracle()) if options.oracle else TESTS
        code = attack(tests, new, options.to, options.minutes * 60, options.most)
        if code:
            return code
    report(_read(options.to))
    return 0


NOT_NOTICED = ("survived", "untested")


def _oracle() -> list[str]:
    return sorted(str(path) for pattern in ORACLE for path in Path().glob(pattern))


def attack(tests: Sequence[str], new: Iterator[Mutant], to: Path, seconds: float, most: int) -> int:
    """Try mutants until the time is over; each is written as soon as it is known."""
    until = time.monotonic() + seconds
    done = 0

    def in_time() -> Iterator[Mutant]:
        for mutant in new:
            if time.monotonic() > until or done >= most:
                return
            yield mutant

    def ends(mutant: Mutant, change: Change, verdict: Verdict) -> None:
        nonlocal done
        done += 1
        entry = asdict(mutant) | {"verdict": verdict[0], "by": verdict[1], "diff": change.diff}
        with to.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    os.environ["COVERAGE_CORE"] = "ctrace"
    without = [f"-pno:{name}" for name in ("cacheprovider", "xdist", "randomly")]
    arguments = [*tests, "-q", *without, "-Wignore::pytest.PytestAssertRewriteWarning"]
    learned = to.with_suffix(".tests.json")
    return int(pytest.main(arguments, plugins=[Killing(in_time(), PACKAGES, learned, ends)]))


def drawn_of(seed: int, only: str) -> Iterator[Mutant]:
    """One change of each kind in each place, the packages in turn, in a random order each."""
    chance = random.Random(seed)
    shuffled = []
    for package in PACKAGES:
        places: dict[object, list[Mutant]] = {}
        for path in sorted(map(str, Path(package).glob("*.py"))):
            for place, mutant in mutants_of(path):
                places.setdefault((path, place), []).append(mutant)
        mutants = [chance.choice(several) for several in places.values()]
        chance.shuffle(mutants)
        shuffled.append([mutant for mutant in mutants if only in mutant.path])
    first, second = shuffled
    turns = zip_longest(first[0::3], first[1::3], first[2::3], second)
    return (mutant for mutant in chain.from_iterable(turns) if mutant)


def report(known: dict[Mutant, dict[str, str]]) -> None:
    """Per module and per package: mutants tried, noticed, and the interval of the share."""
    for mutant, entry in known.items():
        if entry["verdict"] in NOT_NOTICED:
            print(f"{mutant}: {entry['verdict']}\n{entry['diff']}\n")
    for place in ("module", "package"):
        tried: Counter[str] = Counter()
        noticed: Counter[str] = Counter()
        for mutant, entry in known.items():
            name = mutant.path if place == "module" else str(Path(mutant.path).parent)
            tried[name] += 1
            noticed[name] += entry["verdict"] not in NOT_NOTICED
        for name in sorted(tried):
            low, high = interval(noticed[name], tried[name])
            share = noticed[name] / tried[name]
            print(
                f"{name:50}{noticed[name]:5} of {tried[name]:5}"
                f"{share:8.1%}   {low:.1%} to {high:.1%}"
            )


def interval(noticed: int, tried: int) -> tuple[float, float]:
    """Wilson's interval of a share, which holds for shares near 1, too."""
    share, squared = noticed / tried, SURE**2
    middle = (share + squared / (2 * tried)) / (1 + squared / tried)
    root = sqrt(share * (1 - share) / tried + squared / (4 * tried**2))
    half = SURE * root / (1 + squared / tried)
    return middle - half, middle + half


def _read(path: Path) -> dict[Mutant, dict[str, str]]:
    """The last that is known of each mutant."""
    if not path.is_file():
        return {}
    known = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        mutant = Mutant(*(entry.pop(name) for name in ("path", "operator", "occurrence", "line")))
        known[mutant] = entry
    return known


if __name__ == "__main__":
    raise SystemExit(main())
