"""The entries of ``factories``: a target by name, or a table that says how to build and feed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rfa_core.config.checking import Place, checked
from rfa_core.config.keys import Key, object_schema
from rfa_core.config.kinds import Kind, list_of, resolution, rule, table, text
from rfa_core.config.settings import FactorySettings

AXES = ("D", "H", "W", "T")


def _factories(place: Place, value: object) -> Any:
    entries = list_of(_ENTRY)(place, value)
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
    values = checked(place, value, {key: each.kind for key, each in FACTORY_KEYS.items()})
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


_AXIS = {"enum": list(AXES)}
_SHAPE = {"type": "array", "items": {"anyOf": [{"type": "integer", "minimum": 1}, _AXIS]}}
input_shape = Kind(
    _input_shape,
    {
        "anyOf": [
            {**_SHAPE, "contains": _AXIS},
            {
                "type": "array",
                "items": _SHAPE,
                "contains": {"type": "array", "contains": _AXIS},
            },
        ]
    },
)

FACTORY_KEYS: Mapping[str, Key] = {
    "target": Key(text, "required", "the model: `module:factory`, `path.py::factory`, `zoo:name`"),
    "kwargs": Key(table, "none", "arguments that the factory is called with"),
    "input-shape": Key(input_shape, "guessed", "the shape of the input, with letters for the axes"),
    "resolutions": Key(list_of(resolution), "`resolutions`", "judge this model at these instead"),
    "ignore": Key(list_of(rule), "none", "rules that are left out for this model"),
}

_ENTRY = Kind(
    _factory,
    {"anyOf": [text.schema, object_schema(FACTORY_KEYS, required=["target"])]},
)
factories = Kind(_factories, list_of(_ENTRY).schema)
