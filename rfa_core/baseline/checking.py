"""What a file of accepted findings must hold: every mistake with its line, all at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rfa_core.baseline.places import element_lines
from rfa_core.baseline.values import VERSION
from rfa_core.errors import BaselineError
from rfa_core.findings import Concern

_KEYS = ("version", "findings")
_UPGRADE = "install a version of pytest-rfa that reads it"


class Problems:
    """Gathers mistakes of one file; ``shown`` is its name in messages."""

    def __init__(self, shown: str, text: str) -> None:
        self._shown = shown
        self._found: list[str] = []
        self.lines = element_lines(text, "findings")

    def add(self, text: str, line: int = 1) -> None:
        self._found.append(f"{self._shown}:{line}: {text}")

    def raise_all(self, hint: str) -> None:
        """Raise BaselineError if there is any."""
        if self._found:
            raise BaselineError("\n".join(self._found), hint)


def checked_entries(document: object, problems: Problems) -> dict[Concern, int]:
    """The entries of a parsed file with their lines; mistakes go to ``problems``.

    Raises BaselineError at once for another version: nothing else can be said of it.
    """
    if not isinstance(document, Mapping):
        problems.add(f"expected an object, found {_kind(document)}")
        return {}
    _check_version(document.get("version"), problems)
    for key in document:
        if key not in _KEYS:
            problems.add(f"unknown key {key!r}; the keys are {', '.join(_KEYS)}")
    entries = document.get("findings")
    if not isinstance(entries, list):
        problems.add(f"findings: expected a list, found {_kind(entries)}")
        return {}
    return _entries(entries, problems)


def _check_version(version: object, problems: Problems) -> None:
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        problems.add(f"version: expected {VERSION}, found {_shown(version)}")
    elif version > VERSION:
        problems.add(f"version: expected at most {VERSION}, found {version}: a newer rfa wrote it")
        problems.raise_all(_UPGRADE)


def _entries(entries: list[object], problems: Problems) -> dict[Concern, int]:
    found: dict[Concern, int] = {}
    for place, (entry, line) in enumerate(zip(entries, problems.lines, strict=True)):
        wrong = list(_mistakes(entry))
        for mistake in wrong:
            problems.add(f"findings[{place}]{mistake}", line)
        if wrong or not isinstance(entry, Mapping):
            continue
        sizes = entry["resolution"]
        resolution = None if sizes is None else tuple(sizes)
        concern = Concern(entry["rule"], entry["model"], resolution, entry["layer"])
        if concern in found:
            problems.add(f"findings[{place}]: repeats the entry in line {found[concern]}", line)
        found.setdefault(concern, line)
    return found


def _mistakes(entry: object) -> list[str]:
    if not isinstance(entry, Mapping):
        return [f": expected an object, found {_kind(entry)}"]
    known = ", ".join(_FIELDS)
    strange = [key for key in entry if key not in _FIELDS]
    unknown = [f": unknown key {key!r}; the keys are {known}" for key in strange]
    missing = [f": expected the key {key!r}, found none" for key in _FIELDS if key not in entry]
    wrong = [
        f".{key}: expected {expected}, found {_shown(entry[key])}"
        for key, (expected, fits) in _FIELDS.items()
        if key in entry and not fits(entry[key])
    ]
    return [*unknown, *missing, *wrong]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_resolution(value: object) -> bool:
    return value is None or (
        isinstance(value, list) and bool(value) and all(type(n) is int and n > 0 for n in value)
    )


_FIELDS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "rule": ("a code", _is_text),
    "model": ("a name", _is_text),
    "resolution": ("pixels per axis or null", _is_resolution),
    "layer": ("a name or null", lambda value: value is None or _is_text(value)),
}


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a string", type(None): "nothing"}
    return kinds.get(type(value), _shown(value))


def _shown(value: object, most: int = 60) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= most else f"{text[:most]}…"
