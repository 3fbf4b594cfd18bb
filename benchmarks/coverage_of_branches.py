"""What share of its branches the tests execute, package by package.

``python benchmarks/coverage_of_branches.py [--at-least PERCENT] REPORT [PACKAGE ...]`` reads what
``coverage json`` wrote, prints a table, and exits with 1 if a package has less: each of those that
are named, or all of them together where none is. ``coverage report`` counts branches and statements
as one, and so passes where every fifth branch is never taken.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Share:
    """How many statements and branches there are, and how many of them were executed."""

    statements: int = 0
    executed: int = 0
    branches: int = 0
    taken: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(
            self.statements + other.statements,
            self.executed + other.executed,
            self.branches + other.branches,
            self.taken + other.taken,
        )

    @property
    def both(self) -> float:
        """Per cent of statements and branches together, as ``coverage report`` counts."""
        return _percent(self.executed + self.taken, self.statements + self.branches)

    @property
    def of_branches(self) -> float:
        """Per cent of the branches."""
        return _percent(self.taken, self.branches)


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 if some package has too few of its branches executed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("packages", nargs="*", help="for example rfa_core/graph")
    parser.add_argument("--at-least", type=float, default=0.0, metavar="PERCENT")
    options = parser.parse_args(arguments)
    shares = shares_of(json.loads(options.report.read_text(encoding="utf-8")))
    if unknown := [name for name in options.packages if name not in shares]:
        parser.error(f"no file was measured of: {', '.join(unknown)}")
    print(table(shares))
    total = {"all": sum(shares.values(), Share())}
    judged = {name: shares[name] for name in options.packages} or total
    low = [name for name, share in judged.items() if share.of_branches < options.at_least]
    for name in low:
        print(f"{name}: less than {options.at_least:g} % of the branches")
    return 1 if low else 0


def shares_of(report: Mapping[str, Any]) -> dict[str, Share]:
    """Per package (the outer two folders of a path): the sum over its files."""
    shares: defaultdict[str, Share] = defaultdict(Share)
    for path, measured in sorted(report["files"].items()):
        counts = measured["summary"]
        shares["/".join(Path(path).parent.parts[:2])] += Share(
            counts["num_statements"],
            counts["covered_lines"],
            counts["num_branches"],
            counts["covered_branches"],
        )
    return dict(shares)


def table(shares: Mapping[str, Share]) -> str:
    """Rows of Markdown, the sum last."""
    rows = [*shares.items(), ("all", sum(shares.values(), Share()))]
    return "\n".join(["| package | both | branches |", "|---|---|---|", *_rows(rows)])


def _rows(named: Iterable[tuple[str, Share]]) -> Iterable[str]:
    for name, share in named:
        yield f"| `{name}` | {share.both:.1f} % | {share.of_branches:.1f} % |"


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


if __name__ == "__main__":
    raise SystemExit(main())
