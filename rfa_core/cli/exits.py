"""What the shell gets."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """``--exit-zero`` turns FINDINGS into CLEAN and nothing else."""

    CLEAN = 0
    FINDINGS = 1
    NO_VERDICT = 2
    INTERRUPTED = 130
