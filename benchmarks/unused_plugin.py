"""What the installed but unused plugin adds to an existing suite of 3,000 tests.

Pairs of runs over the same generated suite, without the plugin and with it, the order turned
around from pair to pair, so that the machine's moods hit both alike: the median processor time of a
run, and the median of the differences within pairs.
``python benchmarks/unused_plugin.py [--pairs N] [--tests N]``
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

WITHOUT, WITH = ("-p", "no:rfa"), ()
PER_FILE = 100
TEST = """
@pytest.mark.parametrize("number", range(10))
def test_{name}(number):
    assert number + {name} == {name} + number

"""


def main() -> None:
    """Print the median of a run without the plugin, and what the plugin adds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=31)
    parser.add_argument("--tests", type=int, default=3000, help="in files of 100, at least 100")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_suite(folder, options.tests)
        pairs = [pair(folder, turned=number % 2 == 1) for number in range(options.pairs + 1)][1:]
    without = statistics.median(first for first, _ in pairs)
    added = sorted(second - first for first, second in pairs)
    low, middle, high = (added[round(share * (len(added) - 1))] for share in (0.25, 0.5, 0.75))
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {options.tests} tests, "
        f"{options.pairs} pairs"
    )
    print(f"without the plugin {without * 1000:8.0f} ms of processor time")
    print(
        f"the plugin adds    {middle * 1000:8.1f} ms ({middle / without:.2%}); "
        f"half of the pairs {low * 1000:.1f} to {high * 1000:.1f} ms"
    )


def write_suite(folder: Path, tests: int) -> None:
    """Files of ``PER_FILE`` tests, ten of each function."""
    for number in range(tests // PER_FILE):
        bodies = "".join(TEST.format(name=place) for place in range(PER_FILE // 10))
        (folder / f"test_{number}.py").write_text(f"import pytest\n\n{bodies}", encoding="utf-8")


def pair(folder: Path, *, turned: bool) -> tuple[float, float]:
    """Processor seconds of a run without and of one with the plugin, the latter first if turned."""
    if turned:
        second = processor_time(folder, WITH)
        return processor_time(folder, WITHOUT), second
    return processor_time(folder, WITHOUT), processor_time(folder, WITH)


def processor_time(folder: Path, options: tuple[str, ...]) -> float:
    """Seconds of processor that one pytest run in ``folder`` takes."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
