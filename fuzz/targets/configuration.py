"""``pyproject.toml`` and ``rfa.toml``, through the real loader to the settings and their page."""

from __future__ import annotations

import random
from pathlib import Path

from fuzz.mutation import changed_text
from fuzz.targets.base import target
from rfa_core.config.factories import FACTORY_KEYS
from rfa_core.config.load import load
from rfa_core.config.schema import KEYS
from rfa_core.errors import RfaError
from rfa_core.report.configuration import render_settings
from rfa_core.rules import RULES, select_rules

WORDS = (
    *KEYS, *FACTORY_KEYS, *RULES, "RFA1", "RFA", "ALL", "tool", "tool.rfa", "[tool.rfa]",
    "[[factories]]", "[[tool.rfa.factories]]", "[severity]", "error", "warning", "never", "true",
    "false", "inf", "nan", "1979-05-27T07:32:00Z", "07:32:00", '"""', "'''", "[", "]", "{", "}",
    "=", ",", '"', "'", "\n", "#", "\\u0000", "\\", "H", "W", "json:", "json:a.json", ">=0.1",
)  # fmt: skip


def changed(data: bytes, dice: random.Random) -> bytes:
    return changed_text(data, dice, WORDS)


@target("configuration", changed)
def read_configuration(data: bytes, folder: Path) -> None:
    """As ``--config FILE``, under both names, since each has a form of its own."""
    told: list[RfaError] = []
    for name in ("pyproject.toml", "rfa.toml"):
        (folder / name).write_bytes(data)
        try:
            loaded = load(folder, config=[str(folder / name)])
        except RfaError as error:
            told.append(error)
            continue
        settings = loaded.settings
        select_rules(settings.select, settings.ignore, settings.extend_select)
        for form in ("text", "json"):
            render_settings(settings, loaded.origins, {}, form)
    if len(told) > 1:
        raise told[-1]
