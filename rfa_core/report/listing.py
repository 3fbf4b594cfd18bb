"""``rfa list``: what discovery found and what it left alone, each with the reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Literal, Protocol

from rfa_core.findings import Skipped
from rfa_core.report.words import flat
from rfa_core.rules.wording import count


class Target(Protocol):
    """What is read of a target (``rfa_core.discovery.candidates.Target``)."""

    @property
    def name(self) -> str: ...
    @property
    def file(self) -> str | None: ...
    @property
    def line(self) -> int | None: ...
    @property
    def framework(self) -> str | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reasons(self) -> Sequence[str]: ...
    @property
    def arguments(self) -> Mapping[str, object]: ...


class Listing(Protocol):
    """What is read of a listing (``rfa_core.discovery.candidates.Listing``)."""

    @property
    def targets(self) -> Sequence[Target]: ...
    @property
    def left_alone(self) -> Sequence[Skipped]: ...


def render_listing(listing: Listing, fmt: Literal["text", "json"], root: str) -> str:
    """The listing as text or JSON; files are relative to ``root``, with forward slashes."""
    return (_json if fmt == "json" else _text)(listing, root)


def _json(listing: Listing, root: str) -> str:
    content = {
        "version": 1,
        "targets": [_target(target, root) for target in listing.targets],
        "left_alone": [
            {
                "name": skipped.name,
                "file": _relative(skipped.file, root),
                "line": skipped.line,
                "reason": skipped.reason,
            }
            for skipped in listing.left_alone
        ],
    }
    return json.dumps(content, indent=2, default=repr) + "\n"


def _target(target: Target, root: str) -> dict[str, object]:
    return {
        "name": target.name,
        "file": _relative(target.file, root),
        "line": target.line,
        "framework": target.framework,
        "kind": target.kind,
        "confidence": target.confidence,
        "reasons": list(target.reasons),
        "arguments": dict(target.arguments),
    }


def _text(listing: Listing, root: str) -> str:
    lines = [f"{count(len(listing.targets), 'model')} found"]
    for target in listing.targets:
        lines.append(f"  {flat(target.name)}{_place(target, root)}")
        reasons = ", ".join(flat(reason) for reason in target.reasons)
        lines.append(
            f"    {target.kind}, confidence {target.confidence:.2f}: {reasons}".rstrip(": ")
        )
    if listing.left_alone:
        lines.append(f"{count(len(listing.left_alone), 'candidate')} left alone")
    lines += [
        f"  {flat(skipped.name)}{_place(skipped, root)}: {flat(skipped.reason)}"
        for skipped in listing.left_alone
    ]
    return "".join(f"{line}\n" for line in lines)


def _place(found: Target | Skipped, root: str) -> str:
    file = _relative(found.file, root)
    return "" if file is None else f"  {flat(file)}:{found.line or 1}"


def _relative(file: str | None, root: str) -> str | None:
    """``file`` relative to ``root`` where it lies below it, else as it is."""
    if file is None:
        return None
    path = PurePath(file)
    try:
        return path.relative_to(Path(root).absolute()).as_posix()
    except ValueError:
        return path.as_posix()
