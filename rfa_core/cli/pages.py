"""``python -m rfa_core.cli.pages``: write the help of every command into the package."""

from __future__ import annotations

from pathlib import Path

from rfa_core.cli.manual import COLUMNS, DOOR, FOLDER
from rfa_core.cli.options import COMMANDS, door, parser_of


def pages() -> dict[str, str]:
    """The help of the command and of its commands, ``COLUMNS`` wide, by the name of the file."""
    parsers = {DOOR: door(COLUMNS), **{name: parser_of(name, COLUMNS) for name in COMMANDS}}
    return {f"{name}.txt": parser.format_help() for name, parser in parsers.items()}


def main() -> None:
    """Write what differs from the code."""
    Path(FOLDER).mkdir(exist_ok=True)
    for name, text in pages().items():
        Path(FOLDER, name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
