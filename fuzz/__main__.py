"""``python -m fuzz TARGET --seconds N``: fuzz one boundary, and say what was found."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "tests" / "corpus"


def main() -> int:
    options = _options()
    run = _blind() if options.blind else _guided()
    from fuzz.targets import MISSING

    if options.target in MISSING:
        sys.exit(f"{options.target}: {MISSING[options.target]}")
    work = Path(options.work, options.target)
    for name in ("corpus", "found"):
        (work / name).mkdir(parents=True, exist_ok=True)
    for file in (CORPUS / options.target).glob("*"):
        shutil.copy(file, work / "corpus")
    run(options.target, work / "corpus", work / "found", options.seconds, options.seed)
    return 1 if any((work / "found").iterdir()) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    names = sorted(folder.name for folder in CORPUS.iterdir())
    add = parser.add_argument
    add("target", choices=names)
    add("--seconds", type=int, default=3600, help="how long (default: an hour)")
    add("--seed", type=int, default=1, help="of the chance (default: 1)")
    add("--work", default="fuzz-work", help="where the corpus grows and what is found lies")
    add("--blind", action="store_true", help="without coverage: wants no Atheris")
    return parser.parse_args()


def _guided() -> Callable[..., None]:
    """Imported first of all: what is imported before has no counters."""
    try:
        run: Callable[..., None] = import_module("fuzz.engine").run
    except ModuleNotFoundError as error:
        if error.name != "atheris":
            raise
        sys.exit("needs Atheris (python -m pip install atheris), or --blind")
    return run


def _blind() -> Callable[..., None]:
    run: Callable[..., None] = import_module("fuzz.blind").run
    return run


if __name__ == "__main__":
    sys.exit(main())
