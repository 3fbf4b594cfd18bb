"""The JSON schema of the form, made from the same annotations that read it.

The file that ships is what ``python -m rfa_core.graph.json_schema`` writes.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from rfa_core.graph.json_form import VERSION
from rfa_core.graph.json_types import OPERATIONS, hints, public_fields
from rfa_core.graph.limits import LARGEST, least
from rfa_core.graph.model import Graph, Location, ModuleClass, Node
from rfa_core.graph.operations import Operation

SCHEMA_FILE = Path(__file__).parent / "schema" / "graph-v1.schema.json"
Schema = dict[str, Any]


def graph_schema() -> Schema:
    """The schema of version 1; what it cannot say (order, names, shapes) ``lint`` checks."""
    graph = _object(Graph)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The graph of a network, version {VERSION}",
        "type": "object",
        "properties": {"version": {"const": VERSION}, **graph["properties"]},
        "required": ["version", *graph["required"]],
        "additionalProperties": False,
        "$defs": {
            "node": _object(Node),
            "location": _object(Location),
            "moduleclass": _object(ModuleClass),
            "operation": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in OPERATIONS]},
            **{name: _operation(name, kind) for name, kind in OPERATIONS.items()},
        },
    }


def _operation(name: str, kind: Any) -> Schema:
    schema = _object(kind)
    schema["properties"] = {"type": {"const": name}, **schema["properties"]}
    schema["required"] = ["type", *schema["required"]]
    return {"description": _summary(kind), **schema}


def _object(kind: Any) -> Schema:
    entries = public_fields(kind)
    return {
        "type": "object",
        "properties": {one.name: _value(hints(kind)[one.name], one.name) for one in entries},
        "required": [one.name for one in entries if one.default is MISSING],
        "additionalProperties": False,
    }


def _value(kind: Any, name: str) -> Schema:
    if kind == Operation or is_dataclass(kind):
        known = "operation" if kind == Operation else kind.__name__.lower()
        return {"$ref": f"#/$defs/{known}"}
    if isinstance(kind, UnionType):
        (inner,) = (one for one in get_args(kind) if one is not NoneType)
        return {"anyOf": [_value(inner, name), {"type": "null"}]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _value(get_args(kind)[0], name)}
    return _plain(kind, name)


def _plain(kind: Any, name: str) -> Schema:
    if kind is int:
        return {"type": "integer", "minimum": least(name), "maximum": LARGEST}
    if kind is float:
        return {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
    if kind is bool:
        return {"type": "boolean"}
    return {"type": "string", "minLength": 1} if name == "name" else {"type": "string"}


def _summary(kind: Any) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


if __name__ == "__main__":
    SCHEMA_FILE.write_text(json.dumps(graph_schema(), indent=2) + "\n", encoding="utf-8")
