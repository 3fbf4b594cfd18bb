"""What the command costs before it does anything, beside an interpreter that starts and ends.

``rfa --version`` and ``rfa check --help`` in turn with ``python -c pass`` of the same environment,
so that the machine's moods hit all alike: the median processor time of each, and its ratio to the
empty interpreter's. ``import argparse`` is in the table, because no help is quicker than that.
``python benchmarks/starting.py [--runs N]``
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import tempfile

from measures.processor import processor_time

START = "import sys; from rfa_core.cli import main; sys.exit(main())"
COMMANDS = {
    "python -c pass": ("-c", "pass"),
    "import argparse": ("-c", "import argparse"),
    "rfa --version": ("-c", START, "--version"),
    "rfa check --help": ("-c", START, "check", "--help"),
}


def main() -> None:
    """Print a line per command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=60)
    runs = parser.parse_args().runs
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(runs + 1):
            for name, arguments in COMMANDS.items():
                times[name].append(processor_time([sys.executable, *arguments], folder))
    medians = {name: statistics.median(found[1:]) for name, found in times.items()}
    print(f"{platform.platform()}, Python {platform.python_version()}, {runs} runs each")
    empty = medians["python -c pass"]
    for name, median in medians.items():
        print(f"{name:20}{median * 1000:8.1f} ms{median / empty:8.2f} of the empty interpreter's")


if __name__ == "__main__":
    main()
