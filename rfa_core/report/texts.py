"""JSON that every parser reads, and paths as URIs."""

from __future__ import annotations

import json
from urllib.parse import quote


def dumps(value: object) -> str:
    """``value`` on one line, in ASCII.

    Half of a surrogate pair, which is no character and which strict parsers refuse, is spelled out.
    """
    text = json.dumps(value, allow_nan=False)
    return json.dumps(_spelled(value)) if "\\ud" in text else text


def listed(values: list[object]) -> str:
    """A JSON array with a value a line."""
    return "[\n" + ",\n".join(map(dumps, values)) + "\n]" if values else "[]"


def document(members: dict[str, object]) -> str:
    """A JSON object with a member a line, of those that are lists a value a line."""
    lines = [
        f'"{key}": {listed(value) if isinstance(value, list) else dumps(value)}'
        for key, value in members.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def uri(path: str) -> str:
    """A relative path with forward slashes as a relative URI reference."""
    quoted = quote(path, safe="/-._~", errors="backslashreplace")
    return f"./{quoted}" if quoted.startswith("/") else quoted


def _spelled(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_spelled(key): _spelled(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelled(each) for each in value]
    return value
