"""A key of a table: what may stand there, and what people and editors are told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rfa_core.config.kinds import Kind, Schema


@dataclass(frozen=True, slots=True)
class Key:
    """``unset`` says in a word or two what holds without the key, where no value does."""

    kind: Kind
    unset: str
    description: str


def object_schema(keys: Mapping[str, Key], required: Sequence[str] = ()) -> Schema:
    """The JSON schema of a table that has these keys and no others."""
    properties = {
        name: {"description": key.description, **key.kind.schema} for name, key in keys.items()
    }
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema
