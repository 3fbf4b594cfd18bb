"""The JSON schema of ``[tool.rfa]`` for editors, made from the keys that check it.

The file that ships is what ``python -m rfa_core.config.json_schema`` writes.
"""

from __future__ import annotations

import json
from pathlib import Path

from rfa_core.config.keys import object_schema
from rfa_core.config.kinds import Schema
from rfa_core.config.schema import KEYS, field_name
from rfa_core.config.settings import Settings
from rfa_core.config.written import plain

SCHEMA_FILE = Path(__file__).parent / "schema" / "tool-rfa.schema.json"
ADDRESS = (
    "https://raw.githubusercontent.com/pytest-rfa/pytest-rfa/main/rfa_core/config/schema/"
    "tool-rfa.schema.json"
)


def schema(tool: str = "rfa") -> Schema:
    """The schema that ships: the entry point of ``validate-pyproject``."""
    if tool != "rfa":
        raise ValueError(f"expected the tool 'rfa', found {tool!r}")
    shipped: Schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return shipped


def tool_schema() -> Schema:
    """The schema, made anew; it holds for a ``rfa.toml`` with its keys at the top, too."""
    made = object_schema(KEYS)
    for name, value in defaults().items():
        made["properties"][name]["default"] = value
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ADDRESS,
        "title": "[tool.rfa]",
        "description": "The configuration of pytest-rfa, a linter of receptive fields.",
        **made,
    }


def defaults() -> dict[str, object]:
    """The default of each key that has one, as TOML would have it."""
    values = {name: getattr(Settings(), field_name(name)) for name in KEYS}
    return {name: plain(value) for name, value in values.items() if value not in ((), {}, None)}


if __name__ == "__main__":
    text = json.dumps(tool_schema(), indent=2, ensure_ascii=False)
    SCHEMA_FILE.parent.mkdir(exist_ok=True)
    SCHEMA_FILE.write_text(f"{text}\n", encoding="utf-8")
