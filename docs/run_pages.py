"""Runs what pages show, and writes what it prints into them: ``python docs/run_pages.py``.

A block of code whose first line is a comment with a file's name is that file; a ``console``
block holds commands behind ``$``, and what they print. A page has a folder with all of its files,
and its commands run there in order.
Pictures that commands write to ``images`` are those of ``docs/images``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
PAGES = ("theory.md", "reading-reports.md", "extending.md")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# ([\w/.-]+\.\w+)\n")
COMMANDS = """
rfa() { "$PYTHON" -m rfa_core "$@"; }
pytest() { "$PYTHON" -m pytest "$@"; }
python() { "$PYTHON" "$@"; }
"""


def run(page: str) -> tuple[str, dict[str, bytes]]:
    """The text of a page with what its commands print, and the pictures they write, by name."""
    text = (HERE / page).read_text(encoding="utf-8")
    with TemporaryDirectory() as name:
        folder = Path(name, "acme")
        (folder / "images").mkdir(parents=True)
        for block in BLOCK.finditer(text):
            _written(block[2], folder)
        written = BLOCK.sub(lambda block: _done(block, folder), text)
        pictures = {file.name: file.read_bytes() for file in (folder / "images").iterdir()}
    return written, pictures


def _written(content: str, folder: Path) -> None:
    """Write the file that a block is, if it is one."""
    if named := FILE.match(content):
        file = folder / named[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")


def _done(block: re.Match[str], folder: Path) -> str:
    """A block of commands with what they print; any other as it is."""
    language, content = block.groups()
    if language != "console":
        return block[0]
    commands = re.findall(r"^\$ ((?:.*\\\n)*.*)\n", content, re.MULTILINE)
    printed = "".join(f"$ {one}\n{_printed(one, folder)}" for one in commands)
    return f"```console\n{printed}```"


def _printed(command: str, folder: Path) -> str:
    shown = ("PATH", "HOME", "SYSTEMROOT", "TMPDIR")
    environment = {name: os.environ[name] for name in shown if name in os.environ}
    environment |= {
        "PYTHON": sys.executable,
        "PYTHONPATH": str(HERE.parent),
        "PYTHONUTF8": "1",
        "COLUMNS": "100",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": "pytest_rfa.plugin",
    }
    done = subprocess.run(
        ["bash", "-c", COMMANDS + command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    said = re.sub(r"in \d+\.\d\ds\b", "in 0.42s", done.stdout)
    return "".join(f"{line.rstrip()}\n" for line in said.splitlines())


def main(pages: Sequence[str]) -> None:
    """Write pages and their pictures anew."""
    for page in pages:
        text, pictures = run(page)
        (HERE / page).write_text(text, encoding="utf-8")
        for name, content in pictures.items():
            (HERE / "images" / name).write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1:] or PAGES)
