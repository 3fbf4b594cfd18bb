"""A small project, ``rfa check`` in a session of its own, and a look at what a run leaves."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from projects import GRAPHS

SOUND = ("models.py::sound", "models.py::deep")
"""Models that no fault is put into: one without, one with an error, so that alone they make 1."""
MAIN = "import sys\nfrom rfa_core.cli import main\nsys.exit(main())\n"
_DRAFT = re.compile(r".*\.\d+")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run said, and the processes, drafts and temporary files that it left."""

    code: int
    out: str
    err: str
    left: list[str]

    @property
    def report(self) -> Any:
        return json.loads(self.out)

    @property
    def sound(self) -> list[Any]:
        """What the report says of the sound models, findings and all."""
        report = self.report
        models = [one for one in report["models"] if one["name"] in SOUND]
        return [models, [one for one in report["findings"] if one["model"] in SOUND]]


class Bench:
    """A project in a folder of its own, with a folder of its own for temporary files."""

    def __init__(self, folder: Path) -> None:
        self.root, self.temporary = folder / "project", folder / "temporary"
        self.root.mkdir()
        self.temporary.mkdir()
        (self.root / ".git").mkdir()
        self.write("models.py", GRAPHS)
        self.write("pyproject.toml", "[tool.rfa]\nresolutions = [8]\n")

    def write(self, name: str, text: str | bytes) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def start(
        self, *arguments: str, before: str = "", inherits: int | None = None
    ) -> subprocess.Popen[str]:
        """Start ``rfa`` in a session of its own; ``before`` is Python that runs in it first, with
        the descriptor that it ``inherits``."""
        environment = {**os.environ, "TMPDIR": str(self.temporary), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(
            [sys.executable, "-c", before + MAIN, *arguments],
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            pass_fds=() if inherits is None else (inherits,),
        )

    def end(self, run: subprocess.Popen[str]) -> Ran:
        """Wait for ``run``, which may not take for ever, and look around."""
        with run:
            try:
                out, err = run.communicate(timeout=100)
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                raise
        return Ran(run.returncode, out, err, self.left_by(run.pid))

    def rfa(self, *arguments: str, before: str = "") -> Ran:
        return self.end(self.start(*arguments, before=before))

    def check(self, *arguments: str, before: str = "") -> Ran:
        """Check with the report on stdout, in one process beside the one that was started."""
        return self.rfa("check", "-n1", "--output-format=json", *arguments, before=before)

    def check_with_mounts(self, script: str, *arguments: str) -> Ran:
        """``check`` as ``"$@"`` of a shell that may mount, or a skip that says why it may not."""
        if shutil.which("unshare") is None:
            pytest.skip("there is no unshare to mount with")
        command = [sys.executable, "-c", MAIN, "check", "-n1", "--output-format=json", *arguments]
        run = subprocess.run(
            ["unshare", "-rm", "sh", "-c", script, "sh", *command],
            cwd=self.root,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            capture_output=True,
            text=True,
            check=False,
        )
        if "mount:" in run.stderr or "unshare:" in run.stderr:
            pytest.skip(f"nothing can be mounted here: {run.stderr.strip()}")
        return Ran(run.returncode, run.stdout, run.stderr, self.left_by(-1))

    def left_by(self, session: int) -> list[str]:
        """Processes of ``session`` that do not end, drafts in the project, temporary files."""
        for _ in range(200):
            if not (processes := _processes(session)):
                break
            time.sleep(0.05)
        drafts = [path for path in self.root.rglob("*") if _DRAFT.fullmatch(path.name)]
        return [*processes, *map(str, (*drafts, *self.temporary.iterdir()))]


def _processes(session: int) -> list[str]:
    """Those that are alive; where there is no /proc, none is seen."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its_session = file.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(its_session) == session and state not in "ZX":
            found.append(f"process {file.parent.name}")
    return found
