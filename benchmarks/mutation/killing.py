"""A pytest plugin: tests are collected once, and run against each mutant in a process of its own.

The processes are forked where everything has been imported and nothing has run. The first runs
all tests as they are, and learns which of them execute which lines; every other one has the code
of one function replaced, and runs the tests that execute the changed statement, the fastest
first, until one fails. Properties are tried with few examples, and none is made smaller.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import TypedDict

import pytest
from _pytest.runner import runtestprotocol
from coverage import Coverage
from hypothesis import HealthCheck, Phase, settings
from mutants import Change, Mutant, change, statements

EXAMPLES = 12
"""Of each property, at most."""
MOST_SECONDS = 120
"""Of processor time for the tests of one mutant, which then counts as killed."""
MOST_MEMORY = 3 << 30
"""More than before, in bytes."""
AT_ONCE = 40
"""Tests that are learned of before that is written down."""

Verdict = tuple[str, str]
"""``killed``, ``timeout``, ``survived`` or ``untested``, and the test that failed."""
Key = tuple[str, str, int]


class Killing:
    """Tries ``mutants`` one after the other; ``ends(mutant, change, verdict)`` after each.

    What has been learned of the tests is kept in the file ``learned``, and not learned again.
    """

    def __init__(
        self,
        mutants: Iterator[Mutant],
        packages: Sequence[str],
        learned: Path,
        ends: Callable[[Mutant, Change, Verdict], None],
    ) -> None:
        self._mutants, self._packages, self._ends = mutants, packages, ends
        self._learned = learned

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            _shorten(item)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In the place of pytest's own loop."""
        functions = _functions(self._packages)
        executed, seconds = self._learn(session.items)
        tests = {item.nodeid: item for item in session.items}
        for mutant in self._mutants:
            changed = change(mutant)
            live = functions.get(_key(changed.code), []) if changed else []
            if changed is None or not live:
                continue
            lines = statements(mutant.path).get(mutant.line, range(0))
            names = set().union(*(executed[str(Path(mutant.path).resolve()), at] for at in lines))
            ordered = sorted(names & tests.keys(), key=seconds.__getitem__)
            chosen = [tests[name] for name in ordered]
            self._ends(mutant, changed, _verdict(chosen, live, changed.changed))
        return True

    def _learn(
        self, tests: Sequence[pytest.Item]
    ) -> tuple[dict[tuple[str, int], set[str]], dict[str, float]]:
        """The tests that execute each line of each module, and the seconds of each test."""
        known: dict[str, Learned] = {}
        if self._learned.is_file():
            known = json.loads(self._learned.read_text(encoding="utf-8"))
        new = [test for test in tests if test.nodeid not in known]
        for start in range(0, len(new), AT_ONCE):
            some = new[start : start + AT_ONCE]
            ended = _in_child(lambda some=some: _executed(some, self._packages), MOST_SECONDS * 10)
            if ended.code:
                pytest.exit(f"without a mutant: exit code {ended.code} at {some[0].nodeid}", 3)
            known |= json.loads(ended.text)
            self._learned.write_text(json.dumps(known), encoding="utf-8")
        for test in [test for test, one in known.items() if one["failed"]]:
            print(f"left out, since it fails without a mutant: {test}")
            del known[test]
        executed: dict[tuple[str, int], set[str]] = defaultdict(set)
        for test, one in known.items():
            for path, lines in one["lines"].items():
                for line in lines:
                    executed[path, line].add(test)
        return executed, {test: one["seconds"] for test, one in known.items()}


class Learned(TypedDict):
    """Of a test: whether it fails, its seconds, the lines that it executes by module."""

    failed: bool
    seconds: float
    lines: dict[str, list[int]]


class _Ended:
    """How a child ended: its exit code (negative: a signal) and what it wrote."""

    def __init__(self, code: int, text: str) -> None:
        self.code, self.text = code, text


def _verdict(tests: list[pytest.Item], live: list[FunctionType], code: CodeType) -> Verdict:
    if not tests:
        return "untested", ""

    def attack() -> str:
        for function in live:
            function.__code__ = code
        return next(_failing(tests), "")

    ended = _in_child(attack, MOST_SECONDS)
    if ended.code in (-signal.SIGXCPU, -signal.SIGKILL):
        return "timeout", ""
    if ended.code:
        return "killed", f"exit code {ended.code}"
    return ("killed", ended.text) if ended.text else ("survived", "")


def _failing(tests: Sequence[pytest.Item]) -> Iterator[str]:
    for test, following in zip(tests, [*tests[1:], None], strict=True):
        reports = runtestprotocol(test, log=False, nextitem=following)
        if any(report.failed for report in reports):
            yield test.nodeid


def _executed(tests: Sequence[pytest.Item], packages: Sequence[str]) -> str:
    """What there is to learn of ``tests``, as JSON."""
    include = [f"{Path(package).resolve()}/*" for package in packages]
    learned: dict[str, Learned] = {}
    for test, following in zip(tests, [*tests[1:], None], strict=True):
        coverage = Coverage(data_file=None, config_file=False, include=include)
        start = time.process_time()
        coverage.start()
        reports = runtestprotocol(test, log=False, nextitem=following)
        coverage.stop()
        seconds = time.process_time() - start
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is no mistake to execute nothing of them
            data = coverage.get_data()
        lines = {path: sorted(data.lines(path) or ()) for path in data.measured_files()}
        failed = any(report.failed for report in reports)
        learned[test.nodeid] = {"failed": failed, "seconds": seconds, "lines": lines}
    return json.dumps(learned)


def _in_child(work: Callable[[], str], seconds: int) -> _Ended:
    with tempfile.TemporaryFile() as file:
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                _limit(seconds)
                file.write(work().encode())
                file.flush()
                code = 0
            except BaseException:
                traceback.print_exc(file=sys.__stderr__)
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        file.seek(0)
        return _Ended(os.waitstatus_to_exitcode(status), file.read().decode())


def _limit(seconds: int) -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    with suppress(OSError, IndexError, ValueError):
        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = used * os.sysconf("SC_PAGE_SIZE") + MOST_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _functions(packages: Sequence[str]) -> dict[Key, list[FunctionType]]:
    """The functions that live in this process, by where their code is from."""
    roots = tuple(f"{Path(package).resolve()}{os.sep}" for package in packages)
    found: dict[Key, list[FunctionType]] = defaultdict(list)
    for path in sorted(path for package in packages for path in Path(package).glob("*.py")):
        import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__.co_filename.startswith(roots):
            found[_key(one.__code__)].append(one)
    return found


def _key(code: CodeType) -> Key:
    return code.co_filename, code.co_name, code.co_firstlineno


def _shorten(item: pytest.Item) -> None:
    test = getattr(item, "obj", None)
    usual = getattr(test, "_hypothesis_internal_use_settings", None)
    if test is not None and usual is not None:
        test._hypothesis_internal_use_settings = settings(
            usual,
            max_examples=min(usual.max_examples, EXAMPLES),
            phases=[Phase.explicit, Phase.generate],
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
