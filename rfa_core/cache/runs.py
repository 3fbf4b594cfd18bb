"""Whole runs: what was written to stdout, for as long as nothing that was read is changed."""

from __future__ import annotations

import os
from typing import NamedTuple

from rfa_core.cache.container import NoEntryError
from rfa_core.cache.dependencies import Dependencies, as_json, from_json
from rfa_core.cache.folder import Folder

KIND = "runs"


class Run(NamedTuple):
    """What a run wrote to stdout, in which format, and its exit code."""

    text: str
    format: str
    exit_code: int


def recall_run(folder: Folder, key: str) -> Run | None:
    """The run with this key, if it would write the same now."""
    sections = folder.read(KIND, key, [0, 1])
    if sections is None:
        return None
    try:
        dependencies = from_json(sections[0])
        text, written_as, exit_code = sections[1]
        run = Run(str(text), str(written_as), int(exit_code))
    except (NoEntryError, TypeError, ValueError):
        return None
    if run.exit_code not in (0, 1) or not dependencies.hold(os.sep, exactly=True):
        return None
    folder.touch(KIND, key)
    return run


def keep_run(folder: Folder, key: str, run: Run, dependencies: Dependencies) -> None:
    """Keep a run that depends on ``dependencies``, whose paths are absolute."""
    section = [run.text, run.format, run.exit_code]
    folder.write(KIND, key, [as_json(dependencies), section])
