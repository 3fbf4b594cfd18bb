"""What a run in GitHub Actions does besides: commands are kept out, the summary is written."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import replace
from pathlib import Path

from rfa_core.api.files import made
from rfa_core.cli.messages import say
from rfa_core.errors import UsageError
from rfa_core.findings import Report
from rfa_core.report import RenderOptions

SUMMARY_LIMIT = 1_000_000
"""Bytes of the summary of a step; GitHub refuses more than a mebibyte."""
_LEAST = 10_000
_COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)


def in_actions() -> bool:
    """Whether a job of GitHub Actions is running."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def without_commands(text: str) -> str:
    """``text`` so that the runner obeys nothing in it."""
    if not _COMMAND.search(text):
        return text
    token = secrets.token_hex(16)
    return f"::stop-commands::{token}\n{text}::{token}::\n"


def append_summary(report: Report, how: RenderOptions) -> None:
    """Add the Markdown report to the job's summary, in the room that is left.

    Raises UsageError if the file cannot be written.
    """
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    path = Path(name)
    try:
        room = SUMMARY_LIMIT - (path.stat().st_size if path.exists() else 0)
        if room < _LEAST:
            say("the summary of this step is full, nothing was added to it")
            return
        with path.open("ab") as file:
            file.write(
                made(report, "markdown", "the job's summary", replace(how, limit=room)).encode()
            )
    except OSError as error:
        raise UsageError(f"cannot write the job's summary {name}: {error.strerror}") from error
