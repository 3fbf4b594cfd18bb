"""What the analysis says of whole zoos: every model of torchvision and timm.

``python benchmarks/zoos.py [PATTERN ...]`` examines the models, each at the size it was made
for, and writes a line per model to a file of results; a second run goes on where the first
one ended, and ``--again`` takes failures up once more. ``--page docs/zoos.md`` writes the
page. A model that crashes or takes longer than ``--limit`` seconds costs itself alone.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from multiprocessing.connection import Connection
from pathlib import Path

import timm
import torch
import torchvision

from rfa_core.api import Session
from rfa_core.config.settings import Settings
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.zoo import TORCHVISION_GROUPS
from rfa_core.findings import ModelReport
from rfa_core.receptive.resolution import Resolution

BATCH = 40
"""How many models one process examines before a fresh one takes over."""

SIZES: dict[str, tuple[int, ...]] = {
    "segmentation": (520, 520),
    "detection": (800, 800),
    "optical_flow": (256, 256),
}
"""Pixels per axis, for groups whose weights do not name a size."""

FRAMES = 16
NOT_UNDERSTOOD = ("is not understood", "whose place is not known")


@dataclass(frozen=True)
class Row:
    """One model: its group, what became of it, and why its footprints are bounds, if so.

    ``status`` is the report's, or ``crashed`` or ``out of time``. ``judged`` counts the layers
    with weights that run along an axis, ``inexact`` those of them whose footprint is a bound.
    """

    name: str
    group: str
    status: str
    size: tuple[int, ...] = ()
    judged: int = 0
    inexact: int = 0
    reasons: tuple[str, ...] = ()
    stopped: str = ""
    error: str = ""
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """The column of the page that the model counts in."""
        if self.status != "analysed":
            return "failed"
        if self.inexact:
            return "bounds"
        return "stopped" if self.stopped else "exact"

    @property
    def data_decide(self) -> bool:
        """Whether some operation reads or writes where data decide."""
        known = (reason.endswith(NOT_UNDERSTOOD) for reason in self.reasons)
        return bool(self.stopped) or not all(known)


def main() -> None:
    """Examine what has no result yet, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*", default=["*"], help="of names as zoo:model")
    parser.add_argument("--results", type=Path, default=Path("zoos.jsonl"))
    parser.add_argument("--limit", type=float, default=300.0, help="seconds per model")
    parser.add_argument("--again", action="store_true", help="take up failures once more")
    parser.add_argument("--page", type=Path, help="the page to write")
    options = parser.parse_args()
    groups = all_models()
    wanted = [n for n in groups if any(fnmatchcase(n, p) for p in options.patterns)]
    rows = read(options.results)
    done = {n for n, row in rows.items() if not options.again or row.status == "analysed"}
    todo = [name for name in wanted if name not in done]
    with options.results.open("a") as results:
        for count, row in enumerate(examined(todo, groups, options.limit), 1):
            rows[row.name] = row
            results.write(json.dumps(asdict(row)) + "\n")
            results.flush()
            said = f"{row.verdict}, {row.seconds:.1f} s"
            print(f"{count}/{len(todo)} {row.name}: {said}", file=sys.stderr)
    found = [rows[name] for name in groups if name in rows]
    if options.page:
        options.page.write_text(page(found))
    print("\n".join(table(found, by_zoo=True)))


def all_models() -> dict[str, str]:
    """The group of every model: torchvision's groups and timm's modules."""
    found = {
        f"torchvision:{name}": f"torchvision {group}"
        for group, module in TORCHVISION_GROUPS.items()
        for name in torchvision.models.list_models(module=sys.modules[module])
    }
    for module in timm.list_modules():
        names = timm.list_models(module=module)
        found.update({f"timm:{name}": f"timm {module}" for name in names})
    return found


def read(results: Path) -> dict[str, Row]:
    """The last row of each model in the file."""
    lines = results.read_text().splitlines() if results.exists() else []
    rows = [Row(**json.loads(line)) for line in lines]
    return {row.name: row for row in rows}


def size_of(name: str, group: str) -> tuple[int, ...]:
    """The input that the weights of a model were made for, in pixels per axis."""
    zoo, _, model = name.partition(":")
    if zoo == "timm":
        cfg = timm.get_pretrained_cfg(model)
        return tuple(cfg.input_size[1:]) if cfg is not None else (224, 224)
    if (size := SIZES.get(group.partition(" ")[2])) is not None:
        return size
    weights = next(iter(torchvision.models.get_model_weights(model)))
    crop = weights.transforms().crop_size
    pixels = tuple(crop) * (2 // len(crop))
    return (FRAMES, *pixels) if group.endswith("video") else pixels


def examined(names: Sequence[str], groups: Mapping[str, str], limit: float) -> Iterator[Row]:
    """A row per model, from processes that are replaced when one dies or takes too long."""
    waiting = list(names)
    while waiting:
        here, there = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=serve, args=(there,), daemon=True)
        process.start()
        there.close()
        here.recv()
        for name in waiting[:BATCH]:
            waiting.remove(name)
            start = time.monotonic()
            row = asked(here, name, groups[name], limit)
            yield Row(**{**asdict(row), "seconds": round(time.monotonic() - start, 2)})
            if row.status in ("crashed", "out of time"):
                break
        process.kill()
        process.join()


def asked(here: Connection, name: str, group: str, limit: float) -> Row:
    """What the process at the other end says of a model, within ``limit`` seconds."""
    try:
        here.send((name, group))
        if not here.poll(limit):
            return Row(name, group, "out of time", error=f"no answer within {limit:.0f} s")
        row: Row = here.recv()
    except (EOFError, OSError):
        return Row(name, group, "crashed", error="the process died")
    return row


def serve(there: Connection) -> None:
    """Examine what is asked for until the connection ends."""
    sys.stdout = sys.stderr
    session = Session(Settings(root=str(Path.cwd())))
    with suppress(EOFError, BrokenPipeError):
        there.send("ready")
        while True:
            name, group = there.recv()
            size = size_of(name, group)
            target = Target(name, framework="torch", kind="zoo")
            there.send(row_of(session.check(target, [Resolution(size)]).model, group))


def row_of(model: ModelReport, group: str) -> Row:
    """What a report says, as a row."""
    if model.status != "analysed":
        return Row(model.name, group, model.status, error=model.error or "")
    at = model.resolutions[0]
    layers = [judged.layer for judged in at.layers]
    judged = [layer for layer in layers if layer.judgeable == "weights"]
    return Row(
        model.name,
        group,
        model.status,
        at.traced_at,
        len(judged),
        sum(not layer.exact for layer in judged),
        tuple(dict.fromkeys(reason for layer in layers for reason in layer.inexact)),
        model.stopped and f"recording stopped in {model.stopped}",
    )


def page(rows: Sequence[Row]) -> str:
    """The page of the documentation."""
    others = [row for row in rows if row.verdict != "exact" or row.reasons]
    lines = [
        "# Whole zoos",
        "",
        "Every model of torchvision and timm, built without weights and analysed at the size",
        "that its weights were made for: what is exact, what is only a bound and why, what fails.",
        f"Made with torch {_plain(torch)}, torchvision {_plain(torchvision)} and timm"
        f" {_plain(timm)} by",
        "",
        "```console",
        "$ python benchmarks/zoos.py --page docs/zoos.md",
        "```",
        "",
        "*Exact*: the footprint of every judged layer is exact. *Stopped*: so it is, up to an",
        "operation whose result has a size that data decide; what comes after that is not listed.",
        "*Bounds*: the footprint of some judged layer is only a bound, and says so (RFA904).",
        "",
        *table(rows, by_zoo=True),
        "",
        *shares(rows),
        "",
        "## By group",
        "",
        *table(rows, by_zoo=False),
        "",
        "## What is not exact, and what has a part that data decide",
        "",
        "| model | judged layers | of these bounds | why |",
        "|---|---|---|---|",
        *(f"| `{row.name}` | {row.judged} | {row.inexact} | {_why(row)} |" for row in others),
    ]
    return "\n".join(lines) + "\n"


def table(rows: Sequence[Row], by_zoo: bool) -> Iterable[str]:
    """Counts per zoo or per group, as lines of Markdown."""
    yield "| | models | analysed | exact | stopped | bounds | failed |"
    yield "|---|---|---|---|---|---|---|"
    keys = [row.group.partition(" ")[0] if by_zoo else row.group for row in rows]
    for key in dict.fromkeys(keys):
        verdicts = [row.verdict for row, own in zip(rows, keys, strict=True) if own == key]
        counts = [verdicts.count(v) for v in ("exact", "stopped", "bounds", "failed")]
        total = len(verdicts)
        analysed = total - counts[-1]
        share = f"{analysed} ({100 * analysed / total:.1f} %)" if by_zoo else analysed
        yield f"| {key} | {total} | {share} | {' | '.join(map(str, counts))} |"


def shares(rows: Sequence[Row]) -> Iterator[str]:
    """The share of exact models among those in which data decide nothing, per zoo."""
    for zoo in dict.fromkeys(row.name.partition(":")[0] for row in rows):
        own = [row for row in rows if row.name.startswith(f"{zoo}:") and row.verdict != "failed"]
        free = [row for row in own if not row.data_decide]
        exact = sum(row.verdict == "exact" for row in free)
        yield f"- {zoo}: in {len(free)} of {len(own)} models no operation depends on data;"
        yield f"  {exact} of these ({100 * exact / max(len(free), 1):.1f} %) are exact."


def _plain(package: object) -> str:
    return str(getattr(package, "__version__", "")).partition("+")[0]


def _why(row: Row) -> str:
    said = "; ".join(filter(None, (row.error, *row.reasons, row.stopped)))
    return " ".join(said.split()).replace("|", "\\|")


if __name__ == "__main__":
    main()
