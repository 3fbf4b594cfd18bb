"""Where the value of each key came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rfa_core.config.sources import COMMAND_LINE, Source

_ADDED_TO = ("ignore", "extend-select")


def origins(sources: Sequence[Source]) -> dict[str, str]:
    """``pyproject.toml:4``, ``--config`` or ``command line`` by key, joined where a value is
    made of several; keys that no source has are left out.

    ``sources`` apply in their order; the last is the command line.
    """
    found: dict[str, list[str]] = {}
    for source in sources:
        for key, adds in _changes(source, found).items():
            found[key] = [*(found.get(key, []) if adds else []), _origin(source, key)]
    return {key: ", ".join(dict.fromkeys(names)) for key, names in found.items()}


def _changes(source: Source, known: Mapping[str, object]) -> dict[str, bool]:
    """The keys that ``source`` has a part in, and whether it adds to what was known."""
    changes = {key: key == "severity" for key in source.values}
    if source.name != COMMAND_LINE:
        return changes
    anew = "select" in source.values
    for key in _ADDED_TO:
        if key in source.values or (anew and key in known):
            changes[key] = not anew
    if "resolutions" in source.values and "factories" in known:
        changes["factories"] = True
    return changes


def _origin(source: Source, key: str) -> str:
    line = source.line((key,))
    return f"{source.name}:{line}" if line else source.name
