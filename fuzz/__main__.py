"""``python -m fuzz TARGET --seconds N``: fuzz one boundary, and say what was found."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

try:
    from fuzz.engine import MISSING, TARGETS, run
except ModuleNotFoundError as error:
    if error.name != "atheris":
        raise
    sys.exit("fuzzing needs Atheris: python -m pip install atheris")

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "tests" / "corpus"


def main() -> int:
    options = _options()
    if options.target in MISSING:
        sys.exit(f"{options.target}: {MISSING[options.target]}")
    work = Path(options.work, options.target)
    for name in ("corpus", "found"):
        (work / name).mkdir(parents=True, exist_ok=True)
    for file in (CORPUS / options.target).glob("*"):
        shutil.copy(file, work / "corpus")
    run(options.target, work / "corpus", work / "found", options.seconds, options.seed)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("target", choices=[*TARGETS, *MISSING])
    parser.add_argument("--seconds", type=int, default=3600, help="how long (default: an hour)")
    parser.add_argument("--seed", type=int, default=1, help="of the chance (default: 1)")
    parser.add_argument(
        "--work", default="fuzz-work", help="where the corpus grows and findings go"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
