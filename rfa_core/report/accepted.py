"""``rfa baseline``: what is accepted, and what writing or pruning changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from typing import Literal

from rfa_core.findings import Concern
from rfa_core.report.words import flat, model_at
from rfa_core.rules.wording import count

Format = Literal["text", "json"]
MOST_LAYERS = 5
"""Layers that are named of a change; the file has them all."""
_UNIT = " (one for each layer of a finding)"


def render_accepted(file: str, concerns: Iterable[Concern], fmt: Format) -> str:
    """What ``file`` holds: one line for each rule of a model at a resolution."""
    ordered = _ordered(concerns)
    if fmt == "json":
        return _text({"version": 1, "file": file, "findings": [_entry(one) for one in ordered]})
    lines = [f"{flat(file)}: {_entries(len(ordered))}{_UNIT if ordered else ''}", *_listed(ordered)]
    return "".join(f"{line}\n" for line in lines)


def render_rewritten(
    file: str, before: Collection[Concern], after: Collection[Concern], fmt: Format
) -> str:
    """What ``file`` holds now, and which entries came and went."""
    added, dropped = (_ordered(set(after) - set(before)), _ordered(set(before) - set(after)))
    if fmt == "json":
        changes = {
            name: [_entry(one) for one in ones]
            for name, ones in (("added", added), ("dropped", dropped))
        }
        return _text({"version": 1, "file": file, "findings": len(after), **changes})
    head = f"{flat(file)}: {_entries(len(after))}, {len(added)} new, {len(dropped)} gone"
    new, gone = (
        [f"{sign} {line}" for line in _listed(ones, MOST_LAYERS)]
        for sign, ones in (("+", added), ("-", dropped))
    )
    lines = [f"{head}{_UNIT if after or dropped else ''}", *new, *gone]
    return "".join(f"{line}\n" for line in lines)


def _entries(number: int) -> str:
    return count(number, "entry", "entries")


def _ordered(concerns: Iterable[Concern]) -> list[Concern]:
    return sorted(concerns, key=lambda concern: concern.order)


def _listed(ordered: Iterable[Concern], most: int | None = None) -> Iterator[str]:
    """``acme.models:net at 64 px: RFA101 layer4.0.conv1``; ``most`` layers are named."""
    groups = groupby(ordered, key=lambda one: (one.model, one.rule, one.resolution))
    for (model, rule, resolution), group in groups:
        layers = [flat(one.layer) for one in group if one.layer]
        more = f" and {len(layers[most:])} more" if layers[most:] and most else ""
        named = ", ".join(layers[:most])
        yield f"{model_at(model, resolution)}: {rule} {named}{more}".rstrip()


def _entry(concern: Concern) -> dict[str, object]:
    return {
        "rule": concern.rule,
        "model": concern.model,
        "resolution": None if concern.resolution is None else list(concern.resolution),
        "layer": concern.layer,
    }


def _text(content: object) -> str:
    return json.dumps(content, indent=2) + "\n"
