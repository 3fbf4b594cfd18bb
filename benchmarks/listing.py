"""How long ``rfa list`` takes on a large repository, beside parsing its files.

``python benchmarks/listing.py CHECKOUTS`` copies the Python files of the checkouts (see
``benchmarks/discovery.py``) into one project until at least one in five of 2,000 knows a framework,
and fills up with copies of those that know none. It prints the processor time of ``ast.parse`` over
all of them, and of ``rfa list`` in a process of its own.
"""

from __future__ import annotations

import argparse
import ast
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from itertools import count, cycle
from pathlib import Path

from rfa_core.discovery.files import read

FILES, WITH_FRAMEWORK = 2000, 400


def main() -> None:
    """Make the project, time both, and print the times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkouts", type=Path, help="folder with the checkouts")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        _fill(project, parser.parse_args().checkouts)
        files = sorted(project.rglob("*.py"))
        networks = sum("nn.Module" in read(str(file)).content for file in files)
        parsing = _parsed(files)
        listing, wall, models = _listed(project)
    print(f"{len(files)} files, {networks} with modules of PyTorch, {models} models found")
    print(f"ast.parse {parsing:.2f} s, rfa list {listing:.2f} s ({wall:.2f} s of wall time)")
    print(f"ratio {listing / parsing:.2f}")


def _fill(project: Path, checkouts: Path) -> None:
    """Copies of whole checkouts, then of their files that know no framework."""
    numbers = count()
    for checkout in cycle(sorted(path for path in checkouts.iterdir() if path.is_dir())):
        copy = project / f"part{next(numbers)}"
        shutil.copytree(checkout, copy, ignore=_others, symlinks=True)
        files = list(project.rglob("*.py"))
        if sum(read(str(file)).framework for file in files) >= WITH_FRAMEWORK:
            break
    plain = [file for file in files if not read(str(file)).framework]
    for source, number in zip(cycle(plain), range(FILES - len(files)), strict=False):
        target = project / "plain" / f"package{number % 50}" / f"module{number}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def _others(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not (Path(folder, name).is_dir() or name.endswith(".py"))]


def _parsed(files: list[Path]) -> float:
    """Processor seconds of parsing ``files``; what cannot be parsed is passed over."""
    start = time.process_time()
    for file in files:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                ast.parse(file.read_bytes())
            except (SyntaxError, ValueError):
                continue
    return time.process_time() - start


def _listed(project: Path) -> tuple[float, float, int]:
    """Processor and wall seconds of ``rfa list``, and the models it found."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "rfa_core", "list", "--isolated"]
    run = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, wall, int(run.stdout.split()[0])


if __name__ == "__main__":
    main()
