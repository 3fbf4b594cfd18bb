"""Options of layers as plain values, read and described by the annotations they are declared with.

The same annotations read what is written in Python and in JSON, and make the JSON schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from rfa_core.graph.json_types import shown
from rfa_core.graph.limits import LARGEST

Sizes = int | tuple[int, ...]
"""One number for all axes, or one per axis."""
Padding = Literal["same", "valid"] | int | tuple[int, ...]
"""``"same"``, ``"valid"``, or how many positions are added on each side."""

MISSING: Any = object()
_FROM_ONE = frozenset(
    ["kernel", "stride", "dilation", "filters", "units", "groups", "channels", "factor", "size",
     "window", "multiplier"]
)  # fmt: skip
_FROM_ZERO = frozenset(["padding", "output_padding", "start", "end", "shift"])


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a layer: its name, what it may hold, and its default (``MISSING``: none)."""

    name: str
    annotation: Any
    default: Any = MISSING

    def read(self, value: Any, axes: int) -> Any:
        """``value``, with tuples for lists. Raises ValueError that says what was expected."""
        for kind in _alternatives(self.annotation):
            found = _read(kind, value, self._least)
            if found is not MISSING:
                if isinstance(found, tuple) and self._per_axis and len(found) != axes:
                    break
                return found
        raise ValueError(f"{self.name}: expected {self.words(axes)}, found {_found(value)}")

    def words(self, axes: int) -> str:
        """What the option may hold, in words."""
        return " or ".join(self._words(axes))

    def schema(self) -> dict[str, Any]:
        """What the option may hold, as a JSON schema."""
        kinds = [_schema(kind, self._least) for kind in _alternatives(self.annotation)]
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}

    @property
    def _least(self) -> int:
        return 1 if self.name in _FROM_ONE else 0 if self.name in _FROM_ZERO else -LARGEST

    @property
    def _per_axis(self) -> bool:
        return int in _alternatives(self.annotation)

    def _words(self, axes: int) -> Iterator[str]:
        least = f" of at least {self._least}" if self._least > -LARGEST else ""
        for kind in _alternatives(self.annotation):
            if get_origin(kind) is Literal:
                yield from (repr(value) for value in get_args(kind))
            elif kind is int:
                yield f"a whole number{least}"
            elif get_origin(kind) in (tuple, list) and self._per_axis:
                if axes > 1:
                    yield f"{axes} of them, one per axis"
            else:
                lists = get_origin(kind) in (tuple, list)
                yield _WORDS.get(kind, f"a list of whole numbers{least}" if lists else "a value")


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """The kinds of value that an annotation allows."""
    if isinstance(annotation, UnionType) or get_origin(annotation) is Union:
        return tuple(one for kind in get_args(annotation) for one in _alternatives(kind))
    return (annotation,)


_WORDS = {float: "a number", bool: "true or false", str: "a text", type(None): "nothing"}


def _read(kind: Any, value: Any, least: int) -> Any:
    """``value`` as one kind of value, or MISSING; kinds that only plugins know take anything."""
    if get_origin(kind) is Literal:
        fits = isinstance(value, str) and value in get_args(kind)
    elif get_origin(kind) in (tuple, list):
        items = value if isinstance(value, (list, tuple)) else ()
        found = tuple(_read(int, item, least) for item in items)
        return MISSING if not found or MISSING in found else found
    elif kind is int:
        fits = type(value) is int and least <= value <= LARGEST
    elif kind is float:
        fits = type(value) in (int, float) and isfinite(value) and abs(value) <= LARGEST
    elif kind in (bool, str, type(None)):
        fits = type(value) is kind
    else:
        return tuple(value) if isinstance(value, list) else value
    return value if fits else MISSING


def _schema(kind: Any, least: int) -> dict[str, Any]:
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _schema(int, least), "minItems": 1}
    if kind is int:
        return {"type": "integer", "minimum": least, "maximum": LARGEST}
    names = {float: "number", bool: "boolean", str: "string", type(None): "null"}
    return {"type": names[kind]}


def _found(value: Any) -> str:
    if isinstance(value, (list, tuple)) and len(str(value)) <= 40:
        return str(list(value))
    return shown(value)


def unknown(name: str, options: Mapping[str, Option]) -> str:
    """What is wrong with an option that does not exist."""
    from difflib import get_close_matches

    near = get_close_matches(name, options, 1)
    known = f"did you mean {near[0]}?" if near else f"there are {', '.join(options) or 'none'}"
    return f"unknown option {shown(name)}; {known}"
