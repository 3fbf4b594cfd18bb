"""How well reading finds models: recall and precision on public repositories labelled by hand.

``python benchmarks/discovery.py CHECKOUTS`` takes a folder with one checkout per repository
(``owner+name``); with ``--fetch`` the missing ones are fetched into it with git, at the commit of
the labels. Only discovery runs: nothing of the repositories is imported. The labels are in
``benchmarks/discovery/labels``, a file per repository:

- ``models``: what a person would name, by file; ``either`` lists names of one architecture;
- ``unreachable``: the same, but no call can build it: importing the file trains, or the
  constructor needs an object that only the program's own configuration gives;
- ``neutral``: neither wrong nor wanted, as backbones and templates;
- ``broken``: what no call can build where it is, and why (for ``benchmarks/building.py``).

Strict precision counts a reported neutral as wrong, the other one leaves it out; so does it with
the second name of one architecture.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from rfa_core.config.toml import loads
from rfa_core.discovery.scan import scan

LABELS = Path(__file__).parent / "discovery" / "labels"


@dataclass(frozen=True)
class Labels:
    """One repository; names are ``path.py::definition``. ``models`` are sets of equal names."""

    repository: str
    commit: str
    held_out: bool
    models: tuple[frozenset[str], ...]
    unreachable: frozenset[str]
    neutral: frozenset[str]


@dataclass(frozen=True)
class Score:
    """Counts: models found and missed, reports that are neutral and wrong, models out of reach."""

    found: int = 0
    missed: int = 0
    neutral: int = 0
    wrong: int = 0
    unreachable: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Score)))

    @property
    def recall(self) -> float:
        """The share found of the models that a call can build."""
        return _share(self.found, self.missed)

    @property
    def recall_of_all(self) -> float:
        """The share found of all models a person would name, those out of reach, too."""
        return _share(self.found, self.missed + self.unreachable)

    @property
    def precision(self) -> float:
        """The share of models among what was reported, neutral names left out."""
        return _share(self.found, self.wrong)

    @property
    def strict(self) -> float:
        """The share of models among all that was reported."""
        return _share(self.found, self.wrong + self.neutral)


def _share(part: int, rest: int) -> float:
    return part / (part + rest) if part + rest else 1.0


def main() -> None:
    """Score every labelled repository, list what is missed and wrong, and sum up."""
    options = _options()
    scores: dict[Labels, Score] = {}
    for labels in _read_labels(options.only):
        checkout = options.checkouts / labels.repository.replace("/", "+")
        if options.fetch and not checkout.exists():
            _fetch(labels, checkout)
        reported = _reported(checkout)
        scores[labels] = score(labels, reported)
        print("\n".join(_details(labels, scores[labels], reported)), flush=True)
    sums = {title: sum(chosen, start=Score()) for title, chosen in _groups(scores).items()}
    print("\n" + _head())
    print("\n".join(_row(title, counted) for title, counted in sums.items()))
    if options.table:
        print("\n" + "\n".join(_table(scores, sums)))


def score(labels: Labels, reported: frozenset[str]) -> Score:
    """Count what discovery ``reported`` for one repository against its labels."""
    named = [names & reported for names in labels.models]
    wanted = frozenset[str]().union(*labels.models)
    again = sum(max(len(names) - 1, 0) for names in named)
    return Score(
        found=sum(map(bool, named)),
        missed=sum(not names for names in named),
        neutral=len(reported & labels.neutral) + again,
        wrong=len(reported - wanted - labels.neutral - labels.unreachable),
        unreachable=len(labels.unreachable),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Formatter)
    parser.add_argument("checkouts", type=Path, help="folder with the checkouts")
    parser.add_argument("--fetch", action="store_true", help="fetch what is missing with git")
    parser.add_argument("--only", choices=("tuned", "held-out"), help="one half of the labels")
    parser.add_argument("--table", action="store_true", help="print the tables of the documents")
    return parser.parse_args()


_Formatter = argparse.RawDescriptionHelpFormatter


def _read_labels(only: str | None) -> Iterator[Labels]:
    for file in sorted(LABELS.glob("*.toml")):
        data = loads(file.read_text(encoding="utf-8"))
        held_out = bool(data.get("held_out", False))
        if only is None or held_out == (only == "held-out"):
            single = (frozenset({name}) for name in _names(data.get("models", {})))
            models = (*single, *map(frozenset, data.get("either", ())))
            rest = (frozenset(_names(data.get(key, {}))) for key in ("unreachable", "neutral"))
            yield Labels(data["repository"], data["commit"], held_out, models, *rest)


def _names(by_file: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for file, names in by_file.items():
        yield from (f"{file}::{name}" for name in names)


def _fetch(labels: Labels, checkout: Path) -> None:
    address = f"https://github.com/{labels.repository}"
    _git("init", "--quiet", str(checkout))
    _git("-C", str(checkout), "fetch", "--quiet", "--depth=1", address, labels.commit)
    _git("-C", str(checkout), "checkout", "--quiet", "FETCH_HEAD")


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True)


def _reported(checkout: Path) -> frozenset[str]:
    root = str(checkout.resolve())
    targets = scan(["."], root, ()).targets
    return frozenset(
        f"{Path(target.file).relative_to(root).as_posix()}::{_definition(target.name)}"
        for target in targets
        if target.file is not None
    )


def _definition(name: str) -> str:
    return name.rpartition(":")[2]


def _details(labels: Labels, counted: Score, reported: frozenset[str]) -> Iterator[str]:
    yield _row(labels.repository, counted)
    if labels.held_out:
        return
    for names in labels.models:
        if not names & reported:
            yield f"  missed  {' or '.join(sorted(names))}"
    wanted = frozenset[str]().union(*labels.models, labels.unreachable)
    for name in sorted(reported - wanted):
        yield f"  {'neutral' if name in labels.neutral else 'wrong  '} {name}"


def _groups(scores: Mapping[Labels, Score]) -> dict[str, Iterable[Score]]:
    tuned = [counted for labels, counted in scores.items() if not labels.held_out]
    held_out = [counted for labels, counted in scores.items() if labels.held_out]
    return {"tuned on": tuned, "held out": held_out, "total": [*tuned, *held_out]}


def _head() -> str:
    titles = ("models", "recall", "of all", "precision", "strict")
    return " " * 48 + "".join(f"{title:>11}" for title in titles)


def _row(title: str, counted: Score) -> str:
    shares = (counted.recall, counted.recall_of_all, counted.precision, counted.strict)
    models = counted.found + counted.missed + counted.unreachable
    return f"{title:48}{models:11}" + "".join(f"{100 * share:9.1f} %" for share in shares)


def _table(scores: Mapping[Labels, Score], sums: Mapping[str, Score]) -> Iterator[str]:
    yield "| | models | recall | recall of all | precision | strict precision |"
    yield "|---|---|---|---|---|---|"
    for title, counted in sums.items():
        yield f"| {title} | {' | '.join(_cells(counted))} |"
    yield "\n| repository | commit | models | recall | recall of all | precision | strict |"
    yield "|---|---|---|---|---|---|---|"
    for labels in sorted(scores, key=lambda one: (one.held_out, one.repository.lower())):
        name = f"{labels.repository}{' (held out)' if labels.held_out else ''}"
        yield f"| {name} | `{labels.commit[:10]}` | {' | '.join(_cells(scores[labels]))} |"


def _cells(counted: Score) -> Iterator[str]:
    yield str(counted.found + counted.missed + counted.unreachable)
    for share in (counted.recall, counted.recall_of_all, counted.precision, counted.strict):
        yield f"{100 * share:.1f} %"


if __name__ == "__main__":
    main()
