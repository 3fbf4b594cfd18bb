"""Writes what pages say that the code says already: ``python docs/generate.py``.

Options of the commands and of the pytest plugin go into ``command-line.md``, keys of the JSON
report into ``report-format.md``, each between its marks.
"""

from __future__ import annotations

import json
from argparse import Action
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from pytest_rfa.options import add_options
from rfa_core.cli.options import COMMANDS, parser_of

HERE = Path(__file__).parent
SCHEMA = resources.files("rfa_core.report") / "schema" / "report-v1.schema.json"


def pages() -> dict[str, str]:
    """The text of every page that has a generated part, by file name."""
    parts = {
        "command-line.md": {"commands": _commands(), "pytest": _pytest_options()},
        "report-format.md": {"report": _report(json.loads(SCHEMA.read_text("utf-8")))},
    }
    return {name: _filled(HERE / name, part) for name, part in parts.items()}


def _filled(page: Path, parts: Mapping[str, str]) -> str:
    text = page.read_text(encoding="utf-8")
    for name, part in parts.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n\n{part}\n\n{end}{rest.partition(end)[2]}"
    return text


def _commands() -> str:
    return "\n\n".join(map(_command, COMMANDS))


def _command(name: str) -> str:
    parser = parser_of(name)
    actions = [action for action in parser._actions if action.dest != "help"]
    positional = [action for action in actions if not action.option_strings]
    options = [action for action in actions if action.option_strings]
    rows = [(f"`{one.metavar}`", one.help) for one in positional]
    rows += [(_spelled(one.option_strings, _metavar(one)), one.help) for one in options]
    head = f"## rfa {name}\n\n{parser.description}\n\n```text\n{parser.usage}\n```"
    return f"{head}\n\n{_table(('', ''), rows)}"


def _metavar(action: Action) -> str:
    return str(action.metavar or "") if action.nargs != 0 else ""


class _Group:
    """Stands for pytest's parser, and keeps what is added."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []

    def getgroup(self, *_names: str) -> _Group:
        return self

    def addoption(self, *names: str, help: str, **more: Any) -> None:  # noqa: A002
        value = more.get("metavar") or "|".join(more.get("choices", ()))
        self.rows.append((_spelled(names, value), help))


def _pytest_options() -> str:
    group = _Group()
    add_options(group)  # type: ignore[arg-type]
    return _table(("", ""), group.rows)


def _spelled(names: Sequence[str], value: str) -> str:
    last = f"{names[-1]}={value}" if value.count(" ") else f"{names[-1]} {value}".rstrip()
    return ", ".join(f"`{name}`" for name in [*names[:-1], last])


def _report(schema: Mapping[str, Any]) -> str:
    """A table for each object, in the order in which one leads to another."""
    parts = {"report": schema, **schema["properties"], **schema["$defs"]}
    names = {id(found): name for name, part in parts.items() if (found := _inner(part, parts))}
    order = {id(schema): schema}
    left = [schema]
    while left:
        values = left.pop(0)["properties"].values()
        inside = {id(found): found for value in values if (found := _inner(value, parts))}
        new = {key: one for key, one in inside.items() if key in names and key not in order}
        order |= new
        left += new.values()
    return "\n\n".join(_object(part, parts, names) for part in order.values())


def _resolved(part: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    return parts[part["$ref"].rpartition("/")[2]] if "$ref" in part else part


def _inner(part: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object that a part of the schema is, has in its list, or is if it is not null."""
    part = _resolved(part, parts)
    if "properties" in part:
        return part
    inside = [part["items"]] if "items" in part else part.get("oneOf", [])
    return next((found for one in inside if (found := _inner(one, parts))), {})


def _object(part: Mapping[str, Any], parts: Mapping[str, Any], names: Mapping[int, str]) -> str:
    name = names[id(part)]
    rows = [
        (f"`{key}`", " or ".join(_types(value, parts, names)), _meaning(value, parts))
        for key, value in part["properties"].items()
    ]
    return f"## {name}\n\n{parts[name]['description']}\n\n{_table(('key', 'type', ''), rows)}"


def _meaning(part: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    """What a key says, and the words that it may hold."""
    said = part.get("description") or _resolved(part, parts).get("description", "")
    words = [f"`{word}`" for word in _resolved(part, parts).get("enum", []) if str(word) == word]
    return f"{said} {', '.join(words)}" if words else said


def _types(
    part: Mapping[str, Any], parts: Mapping[str, Any], names: Mapping[int, str]
) -> list[str]:
    part = _resolved(part, parts)
    if "properties" in part:
        return [f"[{names[id(part)]}](#{names[id(part)]})" if id(part) in names else "object"]
    if "oneOf" in part:
        found = {name for one in part["oneOf"] for name in _types(one, parts, names)}
        return sorted(found, key="null".__eq__)
    if "type" not in part:
        values = part["enum"] if "enum" in part else [part["const"]]
        return ["string" if isinstance(values[0], str) else "integer"]
    kinds = [part["type"]] if isinstance(part["type"], str) else part["type"]
    return [_list(part["items"], parts, names) if one == "array" else one for one in kinds]


def _list(part: Mapping[str, Any], parts: Mapping[str, Any], names: Mapping[int, str]) -> str:
    inside = " or ".join(_types(part, parts, names))
    return f"list of ({inside})" if " or " in inside else f"list of {inside}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str | None]]) -> str:
    begin = f"| {' | '.join(head)} |".replace("  ", " ")
    lines = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join([begin, "|---" * len(head) + "|", *lines])


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
