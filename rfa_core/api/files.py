"""The files of a run: what can be written is, whatever becomes of the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from rfa_core import report as reports
from rfa_core.errors import RfaError, UsageError
from rfa_core.findings import Report
from rfa_core.report import RenderOptions
from rfa_core.writing import write_file

Step = Callable[[], object]


def write_reports(report: Report, wanted: Iterable[tuple[str, str]]) -> None:
    """Write ``report`` to every file of ``wanted``, which are pairs of a format and a path.

    One that cannot be made or written costs no other. Raises UsageError, for all of them at once.
    """
    attempt_all(partial(write_report, report, name, path) for name, path in wanted)


def write_report(report: Report, name: str, path: str, how: RenderOptions | None = None) -> None:
    """Write one file. Raises UsageError."""
    write_file(path, made(report, name, path, how or in_repository(RenderOptions(), report.root)))


def made(report: Report, name: str, shown: str, how: RenderOptions) -> str:
    """``report`` in the format ``name``, for what messages call ``shown``. Raises UsageError."""
    try:
        return reports.render(name, report, how)
    except RfaError:
        raise
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
        raise UsageError(f"cannot make {shown} ({name}): {found}", "please report it") from error


def attempt_all(steps: Iterable[Step]) -> None:
    """Take every step. Raises UsageError at the end if some failed, with what all of them say."""
    failures = [error for error in map(_attempt, steps) if error is not None]
    if failures:
        raise UsageError("\n".join(map(str, failures))) from failures[0]


def _attempt(step: Step) -> RfaError | None:
    try:
        step()
    except RfaError as error:
        return error
    return None


def in_repository(how: RenderOptions, root: str) -> RenderOptions:
    """``how``, with what a CI service says of where the repository is."""
    return replace(how, prefix=repository_prefix(root), blob=_blob())


def repository_prefix(root: str) -> str:
    """The way from the checkout of GitHub or GitLab to the project root, if it is inside."""
    names = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
    workspace = next((os.environ[name] for name in names if os.environ.get(name)), None)
    if not workspace or not Path(root).is_relative_to(Path(workspace).resolve()):
        return ""
    way = Path(root).relative_to(Path(workspace).resolve()).as_posix()
    return "" if way == "." else f"{way}/"


def _blob() -> str:
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")
    server, repository, commit = (os.environ.get(name) for name in names)
    known = server and repository and commit
    return f"{server}/{repository}/blob/{commit}/" if known else ""
