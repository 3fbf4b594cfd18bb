"""The keys of ``[tool.rfa]``: one line each, with the converter of its value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rfa_core.config.checking import (
    Convert,
    Place,
    checked,
    flag,
    list_of,
    one_of,
    share,
    shown,
    table,
    text,
)
from rfa_core.config.settings import FactorySettings
from rfa_core.config.sources import SECTION
from rfa_core.errors import ResolutionError
from rfa_core.receptive.resolution import LARGEST, parse_resolution

AXES = ("D", "H", "W", "T")


def convert(place: Place) -> dict[str, Any]:
    """The values of a source, by the names of the fields of ``Settings``.

    Every mistake goes to ``place.problems``; the values are of use only if there is none.
    """
    section = place.source.section
    if section is not None and not isinstance(section, dict):
        Place(place.source, place.problems, SECTION).expected("a table", section)
        section = None
    top, section = place.source.top, section or {}
    for key in top.keys() & section.keys():
        place.at(key).refuse("stands at the top and in [tool.rfa]; keep one of them")
    values = checked(place, {**top, **section}, _KEYS)
    values.pop("required-version", None)
    return {key.replace("-", "_"): value for key, value in values.items()}


def _resolution(place: Place, value: object) -> Any:
    try:
        return parse_resolution(value)
    except ResolutionError:
        place.expected(f"1 to {LARGEST} pixels, as 64 or '64x96' (one number per axis)", value)


def _rule(place: Place, value: object) -> Any:
    codes = _codes()
    begins = isinstance(value, str) and value.startswith("RFA") and _begins(value, codes)
    if not (begins or value == "ALL"):
        near = {code[: max(len(str(value)), 4)] for code in codes}
        place.expected("a rule's code or its beginning", value, sorted(near))
    return value


def _severity(place: Place, value: object) -> Any:
    levels: Mapping[str, Convert] = dict.fromkeys(_codes(), one_of("error", "warning", "info"))
    return checked(place, table(place, value), levels)


def _per_model_ignores(place: Place, value: object) -> Any:
    globs = table(place, value)
    return checked(place, globs, dict.fromkeys(globs, list_of(_rule)))


def _begins(beginning: str, codes: Iterable[str]) -> bool:
    return any(code.startswith(beginning) for code in codes)


def _codes() -> tuple[str, ...]:
    from rfa_core.rules import RULES

    return tuple(RULES)


def _factories(place: Place, value: object) -> Any:
    entries = list_of(_factory)(place, value)
    targets = [entry.target for entry in entries if isinstance(entry, FactorySettings)]
    for target in {target for target in targets if targets.count(target) > 1}:
        place.refuse(
            f"{target} stands in {targets.count(target)} entries; a report could not tell them "
            "apart: give each its own factory"
        )
    return entries


def _factory(place: Place, value: object) -> Any:
    if not isinstance(value, Mapping):
        return FactorySettings(target=text(place, value))
    if "target" not in value:
        place.refuse("expected the key 'target', found none")
    values = checked(place, value, _FACTORY_KEYS)
    return FactorySettings(
        target=values.get("target", ""),
        kwargs=values.get("kwargs", {}),
        input_shape=values.get("input-shape"),
        resolutions=values.get("resolutions", ()),
        ignore=values.get("ignore", ()),
    )


def _input_shape(place: Place, value: object) -> Any:
    """One shape, or a list of shapes of which one at least has an axis."""
    shapes = value if isinstance(value, list) else []
    if not shapes or not all(isinstance(shape, list) for shape in shapes):
        return _shape(place, value, needs_axis=True)
    if not any(size in AXES for shape in shapes for size in shape):
        place.expected("an axis by name in one of the shapes, as [[1, 3, 'H', 'W'], [1]]", value)
    return tuple(_shape(place.at(n), shape, needs_axis=False) for n, shape in enumerate(shapes))


def _shape(place: Place, value: object, *, needs_axis: bool) -> Any:
    sizes = value if isinstance(value, list) else []
    named = [size for size in sizes if size in AXES]
    if (needs_axis and not named) or len(named) > len(set(named)):
        place.expected("sizes with each axis by name in its place, as [1, 3, 'H', 'W']", value)
        return None
    return tuple(_size(place.at(n), size) for n, size in enumerate(sizes))


def _size(place: Place, value: object) -> Any:
    if value not in AXES and not (type(value) is int and value > 0):
        place.expected(f"a size above 0 or one of {', '.join(AXES)}", value)
    return value


def _required_version(place: Place, value: object) -> None:
    from importlib.metadata import version

    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        wanted = SpecifierSet(str(value), prereleases=True)
    except InvalidSpecifier:
        wanted = SpecifierSet()
    installed = version("pytest-rfa")
    if not str(wanted):
        place.expected("versions as '>=0.1'", value)
    elif installed not in wanted:
        place.refuse(f"expected rfa {value}, found {installed}; install a version that fits")


def _module(place: Place, value: object) -> Any:
    if not isinstance(value, str) or not all(part.isidentifier() for part in value.split(".")):
        place.expected("a module by its dotted name, as 'acme.rfa_plugin'", value)
    return value


def _later(place: Place, value: object) -> None:
    place.refuse(f"not supported by this version of rfa; remove it (found {shown(value)})")


_FACTORY_KEYS: Mapping[str, Convert] = {
    "target": text,
    "kwargs": table,
    "input-shape": _input_shape,
    "resolutions": list_of(_resolution),
    "ignore": list_of(_rule),
}

_KEYS: Mapping[str, Convert] = {
    "required-version": _required_version,
    "resolutions": list_of(_resolution),
    "paths": list_of(text),
    "exclude": list_of(text),
    "factories": _factories,
    "select": list_of(_rule),
    "ignore": list_of(_rule),
    "extend-select": list_of(_rule),
    "severity": _severity,
    "fail-on": one_of("error", "warning", "info", "never"),
    "max-unproductive-parameters": share,
    "judge-pointwise": flag,
    "judge-pooling": flag,
    "tie": one_of("unproductive", "productive"),
    "norm-statistics": one_of("local", "global"),
    "per-model-ignores": _per_model_ignores,
    "baseline": text,
    "reports": _later,
    "cache-dir": _later,
    "plugins": list_of(_module),
}

KEYS = tuple(key for key, converter in _KEYS.items() if converter is not _later)
"""The keys that this version acts upon."""
