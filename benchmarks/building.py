"""How many of the models that discovery finds are built and analysed, on public repositories.

``python benchmarks/building.py CHECKOUTS`` runs ``rfa check --res 64`` in each checkout of the
labelled repositories (see ``benchmarks/discovery.py``), with default settings and without their
third-party packages, unless the environment has them. The repositories' own code runs: use a
machine that may be harmed. Reports are kept in ``--reports`` and used again.

What is not analysed is counted by cause:

- a module that is not installed, or not in the version that the repository was written for;
- broken upstream, by ``broken`` in the labels, which says why: no call can build it;
- ours: the rest.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from discovery import LABELS

from rfa_core.config.toml import loads

_MISSING = re.compile(r"needs the module '([\w.]+)', which is not installed")
ANALYSED, MISSING, BROKEN, OURS = "analysed", "not installed", "broken upstream", "ours"


def main() -> None:
    """Check every labelled repository, list what is not analysed, and sum up."""
    options = _options()
    options.reports.mkdir(parents=True, exist_ok=True)
    total: Counter[str] = Counter()
    for file in sorted(LABELS.glob("*.toml")):
        labels = loads(file.read_text(encoding="utf-8"))
        name = labels["repository"].replace("/", "+")
        report = options.reports / f"{name}.json"
        if not report.exists():
            _check(options.checkouts / name, report)
        causes = dict(_causes(json.loads(report.read_text(encoding="utf-8")), labels))
        counted = Counter(cause for cause, _ in causes.values())
        print(_row(labels["repository"], counted))
        for model, (cause, why) in causes.items():
            if cause != ANALYSED:
                print(f"  {cause}: {model}: {why}", flush=True)
        total += counted
    print(_row("total", total))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkouts", type=Path, help="folder with the checkouts")
    parser.add_argument("--reports", type=Path, required=True, help="folder for the reports")
    return parser.parse_args()


def _check(checkout: Path, report: Path) -> None:
    """Write the report of the repository; of one in which nothing is found, an empty one."""
    command = [sys.executable, "-m", "rfa_core", "check", "--isolated", "--res=64", "-n1"]
    output = ["--output-format=json", f"--output-file={report.resolve()}"]
    run = subprocess.run([*command, *output], cwd=checkout, capture_output=True, text=True)
    if not report.exists():
        print(f"{checkout.name}: {run.stderr.strip()}", file=sys.stderr)
        report.write_text('{"models": []}', encoding="utf-8")


def _causes(
    report: Mapping[str, Any], labels: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Every model that was found with the cause of its fate, and the reason in words."""
    broken = {
        f"{file}::{name}": why
        for file, names in labels.get("broken", {}).items()
        for name, why in names.items()
    }
    for model in report["models"]:
        key = f"{model['file']}::{model['name'].rpartition(':')[2]}"
        error = model["error"] or ""
        missing = _MISSING.search(error)
        if model["status"] == "analysed":
            yield key, (ANALYSED, "")
        elif key in broken:
            yield key, (BROKEN, broken[key])
        else:
            yield key, (MISSING, missing[1]) if missing else (OURS, error[:200])


def _row(title: str, counted: Mapping[str, int]) -> str:
    judged = counted.get(ANALYSED, 0) + counted.get(OURS, 0)
    share = f"{100 * counted.get(ANALYSED, 0) / judged:5.1f} %" if judged else "      -"
    numbers = ", ".join(f"{counted.get(cause, 0)} {cause}" for cause in (MISSING, BROKEN))
    return f"{title:48} {counted.get(ANALYSED, 0):4} of {judged:4} {share}  ({numbers})"


if __name__ == "__main__":
    main()
