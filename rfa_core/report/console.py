"""Rich, set up so that the same report is the same text everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import StringIO

from rich.console import Console, RenderableType

from rfa_core.findings import Severity
from rfa_core.receptive.verdict import Verdict
from rfa_core.report.options import RenderOptions

NARROWEST = 20
SEVERITY_STYLES: Mapping[Severity, str] = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.INFO: "bold cyan",
}
VERDICT_STYLES: Mapping[Verdict, str] = {
    Verdict.PRODUCTIVE: "blue",
    Verdict.CRITICAL: "yellow",
    Verdict.PARTIAL: "yellow",
    Verdict.UNPRODUCTIVE: "red",
    Verdict.FULL_KERNEL: "red",
    Verdict.NOT_JUDGED: "dim",
}


def to_text(parts: Iterable[RenderableType], options: RenderOptions) -> str:
    """The parts below each other, wrapped to the width, without spaces at the line ends."""
    buffer = StringIO()
    console = Console(
        file=buffer,
        width=max(options.width, NARROWEST),
        color_system="standard" if options.color else None,
        force_terminal=options.color,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    for part in parts:
        console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())
