"""What the installed but unused plugin adds to an existing suite of 3,000 tests.

It costs something at the start and something per test, and both are small beside the noise of a
run that takes seconds, so each is measured by itself: the start in pairs of runs over one test,
without the plugin and with it, the order turned around from pair to pair; a test by calling the
one hook that the plugin has in it, through pytest's own manager, with and without the plugin in
turn. ``--whole`` runs whole suites in pairs besides. All of it is processor time.
``python benchmarks/unused_plugin.py [--pairs N] [--tests N] [--whole]``
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measures.processor import processor_time

WITHOUT, WITH = ("-p", "no:rfa"), ()
PER_FILE = 100
TEST = """
@pytest.mark.parametrize("number", range(10))
def test_{name}(number):
    assert number + {name} == {name} + number

"""
PER_TEST = """
import time


class TestSome:
    def test_nothing(self):
        pass


def test_cost(request):
    hook, manager = request.config.hook.pytest_pyfunc_call, request.config.pluginmanager
    other = manager.subset_hook_caller("pytest_pyfunc_call", [manager.get_plugin("rfa")])
    item, rounds = request.session.items[0], {True: [], False: []}
    item.funcargs = {}
    for number in range(400):
        start = time.process_time_ns()
        for _ in range(500):
            (hook if number % 2 else other)(pyfuncitem=item)
        rounds[bool(number % 2)].append((time.process_time_ns() - start) / 500)
    print("ns:", min(rounds[True]) - min(rounds[False]))
"""


def main() -> None:
    """Print what a run takes without the plugin, and what the plugin adds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=61)
    parser.add_argument("--tests", type=int, default=3000, help="in files of 100, at least 100")
    parser.add_argument("--whole", action="store_true", help="pairs of whole runs, too")
    options = parser.parse_args()
    tests = options.tests
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {tests} tests, "
        f"{options.pairs} pairs"
    )
    with tempfile.TemporaryDirectory() as name:
        small, suite = Path(name, "small"), Path(name, "suite")
        small.mkdir()
        suite.mkdir()
        write_suite(suite, tests)
        (small / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
        _, start = compared(small, options.pairs)
        each = per_test(small)
        if options.whole:
            whole, difference = compared(suite, options.pairs)
            print(f"whole runs: {difference * 1000:.1f} ms in the median pair")
        else:
            whole = statistics.median(pytest_time(suite, WITHOUT) for _ in range(5))
    added = start + each * tests
    print(f"the start    {start * 1000:8.1f} ms")
    print(f"{tests} tests   {each * tests * 1000:8.1f} ms, {each * 1e6:.1f} us each")
    print(f"together     {added * 1000:8.1f} ms, {added / whole:.2%} of {whole * 1000:.0f} ms")


def write_suite(folder: Path, tests: int) -> None:
    """Files of ``PER_FILE`` tests, ten of each function."""
    for number in range(tests // PER_FILE):
        bodies = "".join(TEST.format(name=place) for place in range(PER_FILE // 10))
        (folder / f"test_{number}.py").write_text(f"import pytest\n\n{bodies}", encoding="utf-8")


def compared(folder: Path, pairs: int) -> tuple[float, float]:
    """Processor seconds: the median without the plugin, and the median of what pairs differ by."""
    found = [pair(folder, turned=number % 2 == 1) for number in range(pairs + 1)][1:]
    without = statistics.median(first for first, _ in found)
    return without, statistics.median(second - first for first, second in found)


def pair(folder: Path, *, turned: bool) -> tuple[float, float]:
    """Processor seconds of a run without and of one with the plugin, the latter first if turned."""
    if turned:
        second = pytest_time(folder, WITH)
        return pytest_time(folder, WITHOUT), second
    return pytest_time(folder, WITHOUT), pytest_time(folder, WITH)


def per_test(folder: Path) -> float:
    """Processor seconds that the plugin adds to one test, from the quickest of many rounds."""
    (folder / "test_cost.py").write_text(PER_TEST, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "test_cost.py"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return float(run.stdout.partition("ns:")[2].split()[0]) / 1e9


def pytest_time(folder: Path, options: tuple[str, ...]) -> float:
    """Seconds of processor that one pytest run in ``folder`` takes."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    return processor_time(command, folder)


if __name__ == "__main__":
    main()
