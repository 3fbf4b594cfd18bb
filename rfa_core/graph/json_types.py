"""Frozen dataclasses as JSON values and back, read from their annotations.

One table-driven way for every operation: a field that is added to a dataclass is written,
read, checked and described in the schema without another line. Defaults are left out when
writing and may be when reading; unknown keys are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from rfa_core.graph.limits import LARGEST, least
from rfa_core.graph.operations import Operation

Json = Any
OPERATIONS: dict[str, type[Any]] = {
    re.sub(r"(?<=.)(?=[A-Z])", "_", kind.__name__).lower(): kind for kind in get_args(Operation)
}
"""Every operation by the ``type`` that it has in JSON."""
_NAMES = {kind: name for name, kind in OPERATIONS.items()}


class MismatchError(Exception):
    """A value that is not what its place asks for; the text names the place."""


def written(value: object) -> Json:
    """A value of the graph as JSON: dataclasses as objects, tuples as lists."""
    if isinstance(value, tuple):
        return [written(entry) for entry in value]
    if not is_dataclass(value):
        return value
    known = {
        entry.name: written(getattr(value, entry.name))
        for entry in public_fields(type(value))
        if entry.default is MISSING or getattr(value, entry.name) != entry.default
    }
    name = _NAMES.get(type(value))
    return known if name is None else {"type": name, **known}


def read(kind: Any, value: Json, place: str, name: str = "") -> Any:
    """``value`` as the annotation ``kind`` asks for; ``name`` is that of its field.

    Raises MismatchError that says where (``place``), what was expected and what was found.
    """
    if kind == Operation:
        return _read_operation(value, place)
    if isinstance(kind, UnionType):
        (inner,) = (one for one in get_args(kind) if one is not NoneType)
        return None if value is None else read(inner, value, place, name)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise expected("a list", value, place)
        inner = get_args(kind)[0]
        return tuple(read(inner, one, f"{place}[{at}]", name) for at, one in enumerate(value))
    if is_dataclass(kind):
        return read_object(kind, value, place)
    return _read_plain(kind, value, place, name)


def read_object(kind: Any, value: Json, place: str, also: Iterable[str] = ()) -> Any:
    """The dataclass ``kind`` from a JSON object; ``also`` names keys that are not its fields."""
    if not isinstance(value, dict):
        raise expected("an object", value, place)
    where = place or "the graph"
    known = {entry.name: entry for entry in public_fields(kind)}
    for key in value:
        if key not in known and key not in also:
            near = get_close_matches(str(key), known, 1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise MismatchError(f"{where}: unknown key {shown(key)}{hint}")
    for name, entry in known.items():
        if name not in value and entry.default is MISSING:
            raise MismatchError(f"{where}: {name} is missing")
    inside = place + "." if place else ""
    return kind(
        **{
            name: read(hints(kind)[name], value[name], inside + name, name)
            for name in known
            if name in value
        }
    )


def public_fields(kind: type[Any]) -> tuple[Field[Any], ...]:
    """The fields of a dataclass that are part of the form."""
    return tuple(entry for entry in fields(kind) if not entry.name.startswith("_"))


@cache
def hints(kind: Any) -> dict[str, Any]:
    """The annotations of a dataclass, resolved."""
    return get_type_hints(kind)


def expected(what: str, found: Json, place: str) -> MismatchError:
    """The mismatch between ``what`` and ``found`` at ``place``."""
    return MismatchError(f"{place or 'the graph'}: expected {what}, found {shown(found)}")


def shown(value: Json) -> str:
    """A value as a message shows it, never long."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and abs(value) > 10**40:
        return "a number of more than 40 digits"
    text = "null" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _read_operation(value: Json, place: str) -> Any:
    if not isinstance(value, dict):
        raise expected("an object", value, place)
    name = value.get("type")
    kind = OPERATIONS.get(name) if isinstance(name, str) else None
    if kind is None:
        near = get_close_matches(name, OPERATIONS, 1) if isinstance(name, str) else []
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise MismatchError(f"{place}.type: no operation is called {shown(name)}{hint}")
    return read_object(kind, value, place, also=("type",))


def _read_plain(kind: type, value: Json, place: str, name: str) -> Any:
    if kind is int:
        return _read_whole(value, place, name)
    if kind is float:
        if type(value) not in (int, float) or not isfinite(value) or abs(value) > LARGEST:
            raise expected("a number", value, place)
        return float(value)
    if type(value) is not kind:
        raise expected({str: "a text", bool: "true or false"}[kind], value, place)
    if name == "name" and not value:
        raise expected("a name", value, place)
    return value


def _read_whole(value: Json, place: str, name: str) -> int:
    whole = value
    if type(value) is float and value.is_integer():
        whole = int(value)
    low = least(name)
    if type(whole) is not int or not low <= whole <= LARGEST:
        wanted = "a whole number" if low < 0 else f"a whole number of at least {low}"
        raise expected(wanted, value, place)
    return whole
