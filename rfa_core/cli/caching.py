"""``rfa cache``: what earlier runs left, and away with it."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from rfa_core.cache.folder import BOUND, Folder
from rfa_core.cli.exits import ExitCode
from rfa_core.cli.messages import say
from rfa_core.cli.output import write_stdout
from rfa_core.config.settings import Settings
from rfa_core.errors import UsageError


def cache_command(options: Namespace, settings: Settings) -> int:
    """Say what is in the cache, or take it out. Raises UsageError if that is not possible."""
    if settings.cache_dir is None:
        raise UsageError("there is no cache: cache-dir is not set")
    folder = Folder(str(Path(settings.root, settings.cache_dir)))
    if options.action == "clean":
        try:
            removed = folder.clean()
        except OSError as error:
            raise UsageError(f"cannot clean {folder.path}: {error.strerror}") from error
        say(f"{_size(removed)} taken out of {folder.path}")
        return ExitCode.CLEAN
    write_stdout(_as_json(folder) if options.format == "json" else _as_text(folder))
    return ExitCode.CLEAN


def _as_text(folder: Folder) -> str:
    rows = [
        f"{one.kind:8}{one.entries:6} {_noun(one.entries)}{_size(one.size):>10}"
        for one in folder.holdings()
    ]
    return "\n".join([folder.path, *rows, f"{'bound':8}{_size(BOUND):>24}"])


def _as_json(folder: Folder) -> str:
    held = {one.kind: {"entries": one.entries, "bytes": one.size} for one in folder.holdings()}
    return json.dumps({"version": 1, "path": folder.path, "bound": BOUND, **held}, indent=2)


def _noun(count: int) -> str:
    return "entry  " if count == 1 else "entries"


def _size(count: int) -> str:
    if count < 2**20:
        return f"{count / 2**10:.1f} KiB"
    return f"{count / 2**20:.1f} MiB"
