"""Faults of every reporter: where it writes, and in itself.

Each run is asked for all formats at once; one that cannot be written costs no other, and a report
that was there stays whole. Elsewhere: the streams (``tests/functional/test_streams.py``), a
checkout that is mounted to be read only (``test_read_only.py``), the summary of a job
(``tests/unit/test_results.py``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_bench import SOUND, Bench, Ran

import rfa_core as rfa

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files are those of Unix")

EARLIER = "an earlier report\n"
RAISES = """\
import importlib
from rfa_core.report import _MODULES
def render(report, options):
    raise ValueError("boom")
for module in _MODULES.values():
    importlib.import_module(f"rfa_core.report.{module}").render = render
"""
NO_SPACE = "No space left on device"


def asked(place: str) -> list[str]:
    """Options for a report of every format; ``place`` has its name."""
    return [f"--report={name}:{place.format(name=name)}" for name in rfa.FORMATS]


def errors(ran: Ran) -> list[str]:
    """The lines of the error; there is one error, and nothing else is said."""
    assert ran.err.startswith("rfa: error: ")
    assert "Traceback" not in ran.err
    return ran.err.removeprefix("rfa: error: ").splitlines()


@pytest.fixture
def earlier(bench: Bench) -> Iterator[Bench]:
    """A project with an earlier report of every format, which has to stay as it was."""
    for name in rfa.FORMATS:
        bench.write(f"out.{name}", EARLIER)
    yield bench
    for name in rfa.FORMATS:
        assert (bench.root / f"out.{name}").read_text() == EARLIER


def broken_pipe() -> int:
    """The end to write to of a pipe that nobody reads."""
    reads, writes = os.pipe()
    os.close(reads)
    return writes


WAYS = {
    "a folder in the way": ("taken", "cannot write taken: it is a folder; name a file in it"),
    "a file for a folder": (
        "models.py/out",
        "cannot write models.py/out: models.py is a file, not a folder",
    ),
    "a full device": ("/dev/full", f"cannot write /dev/full: {NO_SPACE}"),
}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
def test_what_cannot_be_written_is_named_and_costs_no_other(
    bench: Bench, faultless: list[Any]
) -> None:
    (bench.root / "taken").mkdir()
    wanted = [option for place, _ in WAYS.values() for option in asked(place)]

    ran = bench.check(*SOUND, *wanted, *asked("new/{name}"))

    assert (ran.code, ran.left, ran.sound) == (2, [], faultless)
    assert errors(ran) == [said for _, said in WAYS.values() for _ in rfa.FORMATS]
    assert sorted(path.name for path in (bench.root / "new").iterdir()) == sorted(rfa.FORMATS)
    assert list((bench.root / "taken").iterdir()) == []


def test_a_pipe_that_nobody_reads_is_named(earlier: Bench, faultless: list[Any]) -> None:
    end = broken_pipe()
    code = f"import os\nos.dup2({end}, 9)\n"  # as `9>&1 | true` has it
    run = earlier.start(
        "check",
        "-n1",
        "--output-format=json",
        *SOUND,
        *asked("/dev/fd/9"),
        inherits=end,
        before=code,
    )
    os.close(end)

    ran = earlier.end(run)

    assert (ran.code, ran.left, ran.sound) == (2, [], faultless)
    assert errors(ran) == ["cannot write /dev/fd/9: Broken pipe"] * len(rfa.FORMATS)


def test_a_reporter_that_raises_is_named_and_writes_nothing(earlier: Bench) -> None:
    ran = earlier.check(*SOUND, *asked("out.{name}"), before=RAISES)

    said = [f"cannot make out.{name} ({name}): ValueError: boom" for name in rfa.FORMATS]
    said.append("cannot make stdout (json): ValueError: boom")
    assert (ran.code, ran.out, ran.left) == (2, "", [])
    assert errors(ran) == [line for one in said for line in (one, "  please report it")]


SMALL = """\
mount -t tmpfs -o size=80k tmpfs disk && cp out.* disk
dd if=/dev/zero of=disk/filler bs=1k status=none 2>/dev/null
"$@"
code=$?
ls -A disk >after/names
cat disk/out.* >after/text
exit $code
"""
"""What is on a small disk is seen in its own namespace only."""


def test_a_full_disk_leaves_the_earlier_reports_whole(bench: Bench, faultless: list[Any]) -> None:
    names = [f"out.{name}" for name in rfa.FORMATS]
    for name in names:
        bench.write(name, EARLIER[:4])
    for folder in ("disk", "after"):
        (bench.root / folder).mkdir()

    ran = bench.check_with_mounts(
        SMALL, *SOUND, *asked("disk/out.{name}"), "--cache-dir=disk/cache"
    )

    note, error = ran.err.split("\n", 1)
    assert (ran.code, ran.sound, ran.left) == (2, faultless, [])
    assert note == f"rfa: {bench.root}/disk/cache cannot hold the cache: {NO_SPACE}"
    said = [f"cannot write disk/{name}: {NO_SPACE}" for name in names]
    assert error.removeprefix("rfa: error: ").splitlines() == said
    seen = (bench.root / "after/names").read_text().split()
    assert sorted(seen) == sorted([*names, "cache", "filler"])
    assert (bench.root / "after/text").read_text() == EARLIER[:4] * len(names)
