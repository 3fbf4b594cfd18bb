"""Command lines, an argument a line: parsed for every command, and ``rfa config`` is run."""

from __future__ import annotations

import io
import random
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from fuzz.contract import BrokenContractError
from fuzz.mutation import changed_text
from fuzz.targets.base import inside, target
from rfa_core.cli import main
from rfa_core.cli.options import parse

WORDS = (
    "config", "check", "show", "sweep", "suggest", "diff", "--res", "--select", "--ignore",
    "--extend-select", "--severity", "--fail-on", "--config", "--isolated", "--baseline",
    "--format", "json", "text", "--report", "--shard", "1/2", "--jobs", "auto", "--timeout", "60",
    "--memory-limit", "2GB", "--depth", "--color", "always", "--", "-", "-n", "-o", "\n", "=",
    "RFA101=error", "64x96", "64:512:32", "resolutions = [64]", "fail-on = 'warning'", "~", "~x/y",
    "--grid", "a=1,2", "--output-format", "sarif", "sarif:x", "--goal", "both", "--help", "²", "٣",
)  # fmt: skip


def changed(data: bytes, dice: random.Random) -> bytes:
    return changed_text(data, dice, WORDS)


@target("options", changed)
def run_command(data: bytes, folder: Path) -> None:
    """Exit code 0 or 2; what is said is no apology."""
    text = data.decode("utf-8", "surrogateescape").replace("\0", "")
    arguments = text.removesuffix("\n").split("\n")
    said, told = io.StringIO(), io.StringIO()
    with inside(folder), redirect_stdout(said), redirect_stderr(told):
        try:
            command, _ = parse(arguments)
        except SystemExit:  # --help, --version
            return
        if command != "config":
            return
        code = main(arguments)
    if code not in (0, 2) or "internal error" in told.getvalue():
        raise BrokenContractError(f"exit code {code}: {told.getvalue()}")
