"""Help as it was written down beforehand.

argparse alone takes as long to import as an empty interpreter to start, and a parser with the
options of ``rfa check`` as long again. ``python -m rfa_core.cli.pages`` writes the pages anew.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = 80
"""What help is at most wide, however wide the terminal is."""
DOOR = "rfa"
"""The page of the command without a command."""
FOLDER = os.path.join(os.path.dirname(__file__), "manual")


def page(arguments: Sequence[str]) -> str | None:
    """The help that ``arguments`` ask for; None if they ask for more, or for what there is not, or
    if the terminal is narrower than the page."""
    *command, last = arguments or ("",)
    name = command[0] if command else DOOR
    if last not in ("-h", "--help") or len(command) > 1 or not name.isalpha():
        return None
    if columns() < COLUMNS:
        return None
    try:
        with open(os.path.join(FOLDER, f"{name}.txt"), encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


def columns() -> int:
    """``$COLUMNS``, else those of the terminal, else 80; as ``shutil`` has it."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told) > 0:
        return int(told)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or COLUMNS  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return COLUMNS
