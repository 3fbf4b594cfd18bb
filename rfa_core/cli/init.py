"""``rfa init``: a commented configuration, the hook and the workflow, where there is none."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rfa_core import __version__
from rfa_core.cli.exits import ExitCode
from rfa_core.cli.output import write_stdout
from rfa_core.config import initial
from rfa_core.config.settings import Settings
from rfa_core.config.sources import PYPROJECT, find_file, find_root
from rfa_core.config.toml import TOMLDecodeError, loads
from rfa_core.discovery.candidates import Target
from rfa_core.errors import UsageError

_SIZE_ARGUMENTS = ("image_size", "img_size", "input_size", "resolution")


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done about a file: ``text`` is appended to it, or shown, or neither.

    ``says`` tells it with a gap for what a dry run puts before the verb.
    """

    path: Path
    says: str
    text: str = ""
    writes: bool = False


def run_init(options: Namespace) -> int:
    """Write what is absent, print what would have to be put into files that are there."""
    root = find_root(Path.cwd())
    for step in [*_configuration(root), *_snippets(root)]:
        if step.writes and not options.dry_run:
            _append(step.path, step.text)
        write_stdout(_said(step, root, dry=options.dry_run))
    return ExitCode.CLEAN


def _configuration(root: Path) -> Iterator[Step]:
    found = find_file(root)
    if found is not None and found.path is not None and found.path.parent == root:
        table = f" has {initial.HEADER}," if found.path.name == PYPROJECT else " is there,"
        yield Step(found.path, f"{table} left as it is")
        return
    targets = _found(root)
    names = [target.name for target in targets]
    sizes = sorted({size for target in targets for size in _sizes(target)})
    pyproject = root / PYPROJECT
    addition = _addition(pyproject, f"{initial.HEADER}\n{initial.table(names, sizes)}")
    if addition is not None:
        yield Step(pyproject, f" {initial.HEADER} {{}}added", addition, writes=True)
    else:
        yield Step(root / "rfa.toml", " {}created", initial.file(names, sizes), writes=True)


def _found(root: Path) -> Sequence[Target]:
    from rfa_core.api import Session

    return Session(Settings(root=str(root))).found().targets


def _sizes(target: Target) -> Iterator[int]:
    values = (target.arguments.get(name) for name in _SIZE_ARGUMENTS)
    return (value for value in values if type(value) is int and value > 0)


def _addition(file: Path, text: str) -> str | None:
    """``text`` as it has to be appended to ``file``; None where it cannot be."""
    if not file.is_file():
        return None
    before = file.read_bytes().decode()
    end = "\r\n" if "\r\n" in before else "\n"
    gap = "" if not before.strip() else end if before.endswith("\n") else 2 * end
    addition = gap + text.replace("\n", end)
    try:
        loads((before + addition).replace("\r\n", "\n"))
    except TOMLDecodeError:
        return None
    return addition


def _snippets(root: Path) -> Iterator[Step]:
    top = next((each for each in (root, *root.parents) if (each / ".git").exists()), root)
    hook = initial.pre_commit(__version__)
    yield _snippet(top, root, initial.PRE_COMMIT_FILE, hook, hook.partition("\n")[2])
    workflow = initial.workflow(_install(root))
    yield _snippet(top, root, initial.WORKFLOW_FILE, workflow, workflow)


def _snippet(top: Path, root: Path, name: str, whole: str, part: str) -> Step:
    """A file is created at the top of the repository only for a project that is all of it."""
    path = top / name
    if not path.exists() and top == root:
        return Step(path, " {}created", whole, writes=True)
    if path.exists() and initial.PROJECT in path.read_text(encoding="utf-8", errors="replace"):
        return Step(path, f" has {initial.PROJECT}, left as it is")
    return Step(path, " left as it is; what it needs:", part if path.exists() else whole)


def _install(root: Path) -> str:
    if any((root / name).is_file() for name in (PYPROJECT, "setup.py", "setup.cfg")):
        return "."
    return "-r requirements.txt" if (root / "requirements.txt").is_file() else "torch"


def _append(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            stream.write(text.encode())
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _said(step: Step, root: Path, *, dry: bool) -> str:
    inside = step.path.is_relative_to(root)
    name = (step.path.relative_to(root) if inside else step.path).as_posix()
    says = step.says.format("would be " if dry else "")
    if not step.text or (step.writes and not dry):
        return f"{name}:{says}\n"
    body = "\n".join(f"  {line}".rstrip() for line in step.text.strip("\r\n").splitlines())
    return f"{name}:{says}{':' if step.writes else ''}\n\n{body}\n\n"
