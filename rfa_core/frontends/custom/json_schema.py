"""The JSON schema of custom graphs, made from the declarations that read them.

The file that ships is what ``python -m rfa_core.frontends.custom.json_schema`` writes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rfa_core.frontends.custom.json_form import VERSION
from rfa_core.frontends.custom.kinds import Kind, kind_of, own_kinds
from rfa_core.frontends.custom.layers import AXES
from rfa_core.frontends.custom.options import MISSING

SCHEMA_FILE = Path(__file__).parent / "schema" / "custom-graph-v1.schema.json"
Schema = dict[str, Any]
_NAME: Schema = {"type": "string", "minLength": 1}
_AFTER: Schema = {"type": "array", "items": _NAME}


def custom_graph_schema() -> Schema:
    """The schema of version 1: our kinds with their options, and those of plugins with any.

    What it cannot say (names that exist, no cycles, maps that fit) is checked when a file is read.
    """
    names = own_kinds()
    others: Schema = {
        "description": "A layer of a plugin's kind.",
        "type": "object",
        "properties": {"name": _NAME, "type": {"type": "string", "not": {"enum": list(names)}},
                       "after": _AFTER},
        "required": ["name", "type"],
    }  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A network written by hand, version {VERSION}",
        "type": "object",
        "properties": {
            "version": {"const": VERSION},
            "name": _NAME,
            "axes": {"enum": list(AXES), "default": 2},
            "layers": {"type": "array", "items": {"$ref": "#/$defs/layer"}, "minItems": 1},
        },
        "required": ["version", "name", "layers"],
        "additionalProperties": False,
        "$defs": {
            "layer": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in (*names, "other")]},
            **{name: _layer(kind) for name in names if (kind := kind_of(name))},
            "other": others,
        },
    }


def _layer(kind: Kind) -> Schema:
    needed = [name for name, option in kind.options.items() if option.default is MISSING]
    return {
        "description": kind.summary,
        "type": "object",
        "properties": {
            "name": _NAME,
            "type": {"const": kind.name},
            "after": _AFTER,
            **{name: option.schema() for name, option in kind.options.items()},
        },
        "required": ["name", "type", *needed],
        "additionalProperties": False,
    }


if __name__ == "__main__":
    text = json.dumps(custom_graph_schema(), indent=2) + "\n"
    SCHEMA_FILE.write_text(text, encoding="utf-8")
