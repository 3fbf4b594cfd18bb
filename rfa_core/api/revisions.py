"""The reports of two revisions of a git repository, each checked out to a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rfa_core.comparing import Snapshot, read_snapshot
from rfa_core.errors import UsageError


def snapshot_of(revision: str, options: Sequence[str] = ()) -> Snapshot:
    """What ``rfa check`` with ``options`` says of ``revision`` in the folder where it is called.

    The revision's own configuration counts. Raises UsageError if there is no such revision, or
    no verdict on it.
    """
    with TemporaryDirectory(prefix="rfa-") as folder, _checked_out(revision, folder) as project:
        report = str(Path(folder, "report.json"))
        command = [sys.executable, "-m", "rfa_core", "check", "-q", "--exit-zero", *options]
        done = subprocess.run(
            [*command, "--output-format", "json", "-o", report],
            cwd=project,
            env={name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"},
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
        )
        if not Path(report).exists():
            said = done.stderr.strip().replace("\n", "\n  ") or f"exit code {done.returncode}"
            raise UsageError(f"there is no report on {revision}", said)
        return read_snapshot(report)


@contextmanager
def _checked_out(revision: str, folder: str) -> Iterator[Path]:
    """The folder of the checkout that is where the current one is in its repository."""
    inside = _git("rev-parse", "--show-prefix")
    commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    tree = Path(folder, "tree")
    _git("worktree", "add", "--detach", "--quiet", str(tree), commit)
    try:
        project = tree / inside
        if not project.is_dir():
            raise UsageError(f"{revision} has no folder {inside.rstrip('/')}")
        yield project
    finally:
        _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], check=True, capture_output=True, text=True, errors="replace"
        )
    except FileNotFoundError as error:
        raise UsageError("revisions are compared with git, which is not installed") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip() or f"no such revision: {arguments[-1].partition('^')[0]}"
        raise UsageError(f"git {arguments[0]}: {said}") from error
    return done.stdout.strip()
