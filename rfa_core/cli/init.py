"""``rfa init``: a commented configuration, the hook and the workflow, where there is none."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from rfa_core import __version__
from rfa_core.cli.exits import ExitCode
from rfa_core.cli.output import write_stdout
from rfa_core.config import initial
from rfa_core.config.sources import PYPROJECT, find_root, keys_of
from rfa_core.config.toml import TOMLDecodeError, loads
from rfa_core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rfa_core.cli.outset import Outset


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
    from rfa_core.cli.outset import outset

    root = find_root(Path.cwd())
    project = outset(root, options.res)
    configuration = _configuration(root, project)
    for step in [configuration, *_snippets(root, project)]:
        if step.writes and not options.dry_run:
            _append(step.path, step.text)
        write_stdout(_said(step, root, dry=options.dry_run))
    write_stdout(_next(configuration, project))
    return ExitCode.CLEAN


def _configuration(root: Path, project: Outset) -> Step:
    if project.file is not None:
        table = f" has {initial.HEADER}," if project.file.name == PYPROJECT else " is there,"
        left = Step(project.file, f"{table} left as it is")
        if not project.sizes.settled:
            return left
        return replace(left, says=f"{left.says}; what it needs:", text=project.sizes.line)
    names = [target.name for target in project.targets]
    pyproject = root / PYPROJECT
    table = f"{initial.HEADER}\n{initial.table(names, project.sizes)}"
    addition = _addition(pyproject, table)
    if addition is not None:
        return Step(pyproject, f" {initial.HEADER} {{}}added", addition, writes=True)
    text = initial.file(names, project.sizes)
    return Step(root / "rfa.toml", " {}created", text, writes=True)


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


def _snippets(root: Path, project: Outset) -> Iterator[Step]:
    from rfa_core.cli.installing import installed

    top = next((each for each in (root, *root.parents) if (each / ".git").exists()), root)
    hook = initial.pre_commit(__version__)
    yield _snippet(top, root, initial.PRE_COMMIT_FILE, hook, hook.partition("\n")[2])
    workflow = initial.workflow(installed(root, project.targets, project.imported))
    yield _snippet(top, root, initial.WORKFLOW_FILE, workflow, workflow)


def _snippet(top: Path, root: Path, name: str, whole: str, part: str) -> Step:
    """A file is created at the top of the repository only for a project that is all of it."""
    path = top / name
    if not path.exists() and top == root:
        return Step(path, " {}created", whole, writes=True)
    if path.exists() and initial.PROJECT in path.read_text(encoding="utf-8", errors="replace"):
        return Step(path, f" has {initial.PROJECT}, left as it is")
    return Step(path, " left as it is; what it needs:", part if path.exists() else whole)


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


def _next(step: Step, project: Outset) -> str:
    """What the next run lacks, or else what this one has settled by itself."""
    sizes, where = project.sizes, keys_of(step.path.name)
    if not project.targets:
        said = f"No model found: `rfa list` says why. Name yours as `factories` {where}."
    elif project.lacks_resolution:
        verb = f"Uncomment `# {sizes.line}`" if step.writes else f"Write `{sizes.line}`"
        said = (
            f"No resolution is set, and nothing is judged without one. {verb} {where}\n"
            f"with the pixels of your images, or give them each time: rfa check --res {sizes.first}"
        )
    elif step.writes and sizes.why:
        said = f"{sizes.line}, since {sizes.why} says so. Next: rfa check"
    else:
        said = "Next: rfa check" if step.writes else ""
    return f"\n{said}\n" if said else ""
