"""A ``json`` report, read for comparison."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rfa_core.errors import UsageError
from rfa_core.findings import Concern, Severity, Waste
from rfa_core.receptive.layers import Sizes

_MEND = "`rfa check --report json:FILE` writes one"


@dataclass(frozen=True, slots=True)
class State:
    """One model at one resolution. ``fields`` are the largest local footprints (pixels per
    axis) of its judged layers."""

    parameters: int
    macs: int
    waste: Waste
    unproductive: int
    fields: Mapping[str, Sizes]


@dataclass(frozen=True, slots=True)
class Known:
    """How much a finding matters, and where it stands (``file:line``, or nothing)."""

    severity: Severity
    place: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a report says: ``models`` with their status, what they are like, the findings."""

    models: Mapping[str, str]
    states: Mapping[tuple[str, tuple[int, ...]], State]
    findings: Mapping[Concern, Known]


def read_snapshot(path: str) -> Snapshot:
    """Read a report of version 1. Raises UsageError if the file is none."""
    try:
        document = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", _MEND) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: expected a JSON report, found {error}", _MEND) from error
    version = document.get("version") if isinstance(document, dict) else None
    tool = document.get("tool") if isinstance(document, dict) else None
    writer = tool.get("name") if isinstance(tool, dict) else None
    if writer not in (None, "rfa"):
        raise UsageError(f"{path}: expected a report of rfa, found one of {writer!r}", _MEND)
    if version != 1:
        found = "none" if version is None else repr(version)
        raise UsageError(f"{path}: expected a report of version 1, found {found}", _MEND)
    try:
        return Snapshot(
            {model["name"]: str(model["status"]) for model in document["models"]},
            dict(_states(document["models"])),
            dict(_findings(document["findings"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UsageError(
            f"{path}: not the report of `rfa check`: {type(error).__name__}: {error}", _MEND
        ) from error


def _states(
    models: list[dict[str, Any]],
) -> Iterator[tuple[tuple[str, tuple[int, ...]], State]]:
    for model in models:
        for at in model["resolutions"]:
            fields = {
                layer["name"]: _sizes(layer["receptive_field"]["max"])
                for layer in at["layers"]
                if layer["judged"]
            }
            waste = Waste(float(at["waste"]["parameters"]), float(at["waste"]["macs"]))
            yield (
                (str(model["name"]), tuple(map(int, at["resolution"]))),
                State(
                    int(model["parameters"]),
                    int(at["macs"]),
                    waste,
                    int(at["counts"]["unproductive"]),
                    fields,
                ),
            )


def _sizes(value: list[int | None] | None) -> Sizes:
    return () if value is None else tuple(None if size is None else int(size) for size in value)


def _findings(findings: list[dict[str, Any]]) -> Iterator[tuple[Concern, Known]]:
    for one in findings:
        place = f"{one['file']}:{one['line']}" if one["file"] else ""
        known = Known(Severity(one["severity"]), place)
        at = one["resolution"]
        resolution = None if at is None else tuple(map(int, at))
        for layer in one["layers"] or [None]:
            yield Concern(str(one["code"]), str(one["model"]), resolution, layer), known
