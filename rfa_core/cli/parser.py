"""argparse with nearest names, and converters of option values."""

from __future__ import annotations

import argparse
import re

from rfa_core.cli.manual import COLUMNS, columns
from rfa_core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """Says the nearest option for one that it does not know, and raises UsageError.

    Its help is ``width`` columns wide (default: as the terminal, and no more than a page).
    """

    def __init__(self, width: int = 0, **arguments: Any) -> None:
        self._names: list[str] = []
        room = (width or min(columns(), COLUMNS)) - 2
        arguments["formatter_class"] = lambda prog: _Help(prog, width=room)
        super().__init__(**arguments, allow_abbrev=False)

    def add_argument(self, *names: Any, **arguments: Any) -> argparse.Action:
        self._names += [name for name in names if name.startswith("--")]
        return super().add_argument(*names, **arguments)

    def parse(self, arguments: Sequence[str], *, intermixed: bool = True) -> argparse.Namespace:
        """``intermixed``: options may stand between positional arguments."""
        parse = self.parse_known_intermixed_args if intermixed else self.parse_known_args
        options, unknown = parse(arguments)
        if unknown:
            kind = "option" if unknown[0].startswith("-") else "argument"
            near = nearest(unknown[0].split("=")[0], self._names)
            self.error(f"unknown {kind} {unknown[0]!r}{near}")
        return options

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"`{self.prog} --help` lists what is possible")


class Once(argparse.Action):
    """Stores a value; refuses a second one, of which one would be lost without a word."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        first = getattr(namespace, self.dest)
        if first is not None:
            found = f"found {first} and {values}"
            parser.error(f"argument {option_string}: expected once for {parser.prog}, {found}")
        setattr(namespace, self.dest, values)


class _Help(argparse.HelpFormatter):
    """Wraps words at spaces, leaves the lines of longer texts as they are, and says what an option
    takes once, behind its last name, as Python does from 3.13 on.

    argparse imports ``textwrap`` for that, and ``shutil`` to ask for the width: a third of the time
    that help takes.
    """

    def _split_lines(self, text: str, width: int) -> list[str]:
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".lstrip()
            if len(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings:
            return super()._format_action_invocation(action)
        names = ", ".join(action.option_strings)
        takes = "" if action.nargs == 0 else self._format_args(action, action.dest.upper())
        return f"{names} {takes}".rstrip()

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = text.splitlines() if "\n" in text else self._split_lines(text, width)
        return "\n".join(f"{indent}{line}" for line in lines)


def choice(*choices: str) -> Callable[[str], str]:
    """One of a few words."""

    def convert(text: str) -> str:
        if text not in choices:
            raise argparse.ArgumentTypeError(
                f"expected one of {', '.join(choices)}, found {text!r}{nearest(text, choices)}"
            )
        return text

    return convert


def separated(text: str) -> list[str]:
    """``a,b`` as a list."""
    return [part.strip() for part in text.split(",")]


def pair(separator: str, example: str) -> Callable[[str], tuple[str, str]]:
    """Two parts that are not empty, such as ``CODE=LEVEL``."""

    def convert(text: str) -> tuple[str, str]:
        left, _, right = text.partition(separator)
        if not (left and right):
            raise argparse.ArgumentTypeError(f"expected {example}, found {text!r}")
        return left, right

    return convert


def jobs(text: str) -> str:
    """A number of processes, or ``auto``."""
    if text != "auto" and not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"expected a number of processes or auto, found {text!r}")
    return text


def shard(text: str) -> tuple[int, int]:
    """A part of a whole, as ``2/4``."""
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text, re.ASCII)
    if not (found and 0 < int(found[1]) <= int(found[2])):
        raise argparse.ArgumentTypeError(f"expected I/N with I from 1 to N, as 2/4, found {text!r}")
    return int(found[1]), int(found[2])


def depth(text: str) -> int:
    """A number of levels, from 1 on."""
    if not (text.isdecimal() and 0 < int(text) < 1000):
        raise argparse.ArgumentTypeError(f"expected a number of levels from 1 on, found {text!r}")
    return int(text)


def seconds(text: str) -> float:
    """A time, as ``60`` or ``0.5``."""
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text, re.ASCII):
        return float(text)
    raise argparse.ArgumentTypeError(f"expected seconds as 60 or 0.5, found {text!r}")


def memory(text: str) -> int:
    """A size in bytes, as ``2GB`` or ``512MiB``; ``0``."""
    size = re.fullmatch(r"(\d{1,9}(?:\.\d+)?) ?([KMGT]i?)B", text, re.ASCII | re.IGNORECASE)
    if size:
        base = 1024 if size[2][1:] else 1000
        return int(float(size[1]) * base ** (1 + "KMGT".index(size[2][0].upper())))
    if text == "0":
        return 0
    raise argparse.ArgumentTypeError(f"expected a size as 2GB or 512MiB, found {text!r}")


def nearest(text: str, known: Iterable[str]) -> str:
    """The end of a message that names what was probably meant; empty if nothing is close.

    ``--resolution`` means ``--res``, which it begins with, and not ``--report``.
    """
    from difflib import get_close_matches

    names = list(known)
    begun = sorted((name for name in names if text.startswith(name)), key=len, reverse=True)
    slip = get_close_matches(text, names, n=1, cutoff=0.9)
    near = slip or begun or get_close_matches(text, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
