"""Settings written as TOML again, so that they can be pasted."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import fields

from rfa_core.config.settings import FactorySettings, ReportFile
from rfa_core.receptive.resolution import Resolution

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def plain(value: object) -> object:
    """A setting as the value that TOML would have for it: strings, numbers, lists, tables."""
    if isinstance(value, Resolution):
        return value.sizes[0] if len(value.sizes) == 1 else str(value)
    if isinstance(value, ReportFile):
        return str(value)
    if isinstance(value, FactorySettings):
        return _factory(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def toml(value: object) -> str:
    """A plain value in one line of TOML; tables are inline."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(key)} = {toml(each)}" for key, each in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)


def _factory(entry: FactorySettings) -> object:
    empty = FactorySettings(entry.target)
    given = {
        field.name.replace("_", "-"): plain(getattr(entry, field.name))
        for field in fields(entry)
        if getattr(entry, field.name) != getattr(empty, field.name)
    }
    return {"target": entry.target, **given} if given else entry.target


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else toml(key)
