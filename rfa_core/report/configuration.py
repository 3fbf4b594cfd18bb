"""``rfa config``: every setting and where its value came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Literal

from rfa_core.config.schema import KEYS, field_name
from rfa_core.config.settings import Settings
from rfa_core.config.written import plain, toml


def render_settings(
    settings: Settings,
    origins: Mapping[str, str],
    environment: Mapping[str, str],
    fmt: Literal["text", "json"],
) -> str:
    """The settings as TOML that can be pasted, or as JSON.

    ``origins`` has the keys that are not left at their default; ``environment`` holds the
    variables that change how a command writes.
    """
    values = {name: plain(getattr(settings, field_name(name))) for name in KEYS}
    if fmt == "text":
        return "".join(f"{line}\n" for line in _lines(settings, values, origins, environment))
    content = {
        "version": 1,
        "root": settings.root,
        "file": settings.source,
        "settings": {
            name: {"value": value, "origin": origins.get(name, "default")}
            for name, value in values.items()
        },
        "environment": dict(environment),
    }
    return json.dumps(content, indent=2, default=str) + "\n"


def _lines(
    settings: Settings,
    values: Mapping[str, object],
    origins: Mapping[str, str],
    environment: Mapping[str, str],
) -> Iterator[str]:
    yield f"# project root: {settings.root}"
    yield f"# configuration file: {settings.source or 'none'}"
    yield from (f"# environment: {name}={value}" for name, value in environment.items())
    yield "[tool.rfa]"
    for name, value in values.items():
        if value is None:
            yield f"# {name}: {KEYS[name].unset}  # default"
        else:
            yield f"{name} = {toml(value)}  # {origins.get(name, 'default')}"
