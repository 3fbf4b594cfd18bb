"""Work in several processes."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from rfa_core.parallel import Duty, Limits, Lost, Workers, jobs_for

# JAX, which another test of the process may have imported, objects to every fork; so does the
# package, which never forks where a library with threads is loaded.
pytestmark = pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")

WORK = """\
import contextlib
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time

base = leader = 0


class Ghost:
    def __del__(self):
        raise ValueError("boo")


def start(number):
    global base, leader
    base, leader = number, os.getpid()
    print("started")


def write(data):
    # to the pipe of the process, which is a pair of sockets
    for number in range(3, 100):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                os.write(number, data)


def add(item):
    if item == "dies":
        os._exit(9)
    if item == "forks":
        os.fork()
        return os.getpid() == leader
    if item == "is killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "crashes":
        os.kill(os.getpid(), signal.SIGUSR1)
    if item == "never ends":
        time.sleep(600)
    if item == "leaves a child":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        return child.pid
    if item == "eats":
        eaten = bytearray(400_000_000)
        for at in range(0, len(eaten), 4096):
            eaten[at] = 1
        time.sleep(600)
    if item == "cuts":
        os.closerange(3, 100)
        time.sleep(600)
    if item == "writes":
        write(b"garbage " * 10)
        return 0
    if item == "writes little":
        write(bytes(4))
        time.sleep(600)
    if item in ("keeps a file", "keeps a file and dies"):
        _, file = tempfile.mkstemp()
        if item == "keeps a file":
            return file
        os._exit(9)
    if item == "cannot be sent":
        return lambda: None
    if item == "raises in __del__":
        Ghost()
        return 1
    if item == "which imported it":
        return sys.modules["some_library"].IMPORTED_IN
    if item == "raises":
        raise ValueError("no number")
    return base + item
"""


@pytest.fixture
def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workers[object, int]:
    """Workers that add 100, die or raise, as the item says."""
    (tmp_path / "work_in_processes.py").write_text(WORK)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    module = importlib.import_module("work_in_processes")
    return Workers(Duty(module.add, module.start, (100,)), Limits(seconds=60))


@pytest.fixture(params=["fork", "spawn"], autouse=True)
def _method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {request.param} here")
    forks = request.param == "fork"
    monkeypatch.setattr("rfa_core.parallel.process.begin_with", lambda *_: forks)
    monkeypatch.setattr("rfa_core.parallel.workers.begin_with", lambda *_: forks)


def ignore(_done: int, _item: object) -> None:
    pass


def test_several_workers_share_what_one_process_imported(
    workers: Workers[object, int],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "some_library.py").write_text("import os\nIMPORTED_IN = os.getpid()\n")
    monkeypatch.setitem(sys.modules, "some_library", None)
    monkeypatch.delitem(sys.modules, "some_library")
    duty = replace(workers.duty, libraries=("some_library", "no_such_library"))
    whole = replace(workers, duty=duty)

    found = whole.run(["dies", "which imported it", "which imported it"], 2, ignore)

    assert (
        found[1:] == [os.getpid()] * 2 if "fork" in request.node.name else os.getpid() not in found
    )


def test_one_worker_keeps_libraries_out_of_this_process(
    workers: Workers[object, int], tmp_path: Path
) -> None:
    (tmp_path / "other_library.py").write_text("")

    duty = replace(workers.duty, libraries=("other_library",))

    assert replace(workers, duty=duty).run([1], 1, ignore) == [101]
    assert "other_library" not in sys.modules


def test_results_come_in_the_order_of_the_items(workers: Workers[object, int]) -> None:
    begun: list[int] = []

    results = workers.run([3, 1, 2, 5, 4], 2, lambda done, _: begun.append(done))

    assert results == [103, 101, 102, 105, 104]
    assert begun == [0, 0, 1, 2, 3]


def test_one_worker_serves_one_after_the_other(workers: Workers[object, int]) -> None:
    begun: list[tuple[int, object]] = []

    results = workers.run([3, 1, 2], 1, lambda done, item: begun.append((done, item)))

    assert results == [103, 101, 102]
    assert begun == [(0, 3), (1, 1), (2, 2)]


LOST = {
    "dies": Lost("ended the process that built it, with exit code 9"),
    "crashes": Lost("lost the process that built it to SIGUSR1: it crashed"),
    "is killed": Lost(
        "lost the process that built it to SIGKILL, most likely for want of memory", killed=True
    ),
    "cuts": Lost("cut off the process that built it"),
    "writes": Lost("cut off the process that built it"),
    "writes little": Lost("cut off the process that built it"),
}


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(("item", "lost"), LOST.items(), ids=LOST)
def test_a_worker_that_dies_costs_one_item_and_says_how(
    workers: Workers[object, int], item: str, lost: Lost, jobs: int
) -> None:
    results = workers.run([1, item, 2, 3], jobs, ignore)

    assert results == [101, lost, 102, 103]


def test_an_item_that_never_ends_is_given_up(workers: Workers[object, int]) -> None:
    impatient = replace(workers, limits=Limits(seconds=0.5))

    results = impatient.run([1, "never ends", 2], 1, ignore)

    assert results == [
        101,
        Lost("did not come to an end within 0.5 s (--timeout)", limited=True),
        102,
    ]


def test_what_a_worker_shares_with_this_process_is_not_counted(
    workers: Workers[object, int],
) -> None:
    held = b"x" * 300_000_000

    found = replace(workers, limits=Limits(memory=200_000_000)).run([1, 2], 1, ignore)

    assert (len(held), found) == (300_000_000, [101, 102])


def test_an_item_that_eats_memory_is_given_up(workers: Workers[object, int]) -> None:
    small = replace(workers, limits=Limits(memory=250_000_000))

    results = small.run([1, "eats", 2], 1, ignore)

    assert results == [
        101,
        Lost("took more than 0.25 GB of memory (--memory-limit)", limited=True),
        102,
    ]


def test_a_copy_that_the_work_forked_answers_nothing(workers: Workers[object, int]) -> None:
    assert workers.run(["forks", 1], 1, ignore) == [True, 101]


def test_what_the_work_started_ends_with_its_worker(workers: Workers[object, int]) -> None:
    (child, _) = workers.run(["leaves a child", 1], 1, ignore)

    assert isinstance(child, int)
    assert gone(child)


def test_temporary_files_go_with_the_worker_that_left_them(
    workers: Workers[object, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "temporary"
    below.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(below))

    (kept, lost) = workers.run(["keeps a file", "keeps a file and dies"], 1, ignore)

    assert isinstance(kept, str)
    assert Path(kept).is_relative_to(below)
    assert isinstance(lost, Lost)
    assert list(below.iterdir()) == []


def test_workers_need_no_place_for_temporary_files(
    workers: Workers[object, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))

    assert workers.run([1, 2], 1, ignore) == [101, 102]


def test_an_interrupt_leaves_no_process(workers: Workers[object, int]) -> None:
    def interrupt(_done: int, item: object) -> None:
        if item == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workers.run(["never ends", 1, 2], 2, interrupt)

    assert multiprocessing.active_children() == []


def test_what_cannot_be_sent_is_named(workers: Workers[object, int]) -> None:
    with pytest.raises(RuntimeError, match=r"<lambda> at .* cannot be sent"):
        workers.run(["cannot be sent"], 1, ignore)


def gone(pid: int) -> bool:
    """Whether a process ended; a moment is left to who has to collect it."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_an_exception_of_the_work_is_raised_here(
    workers: Workers[object, int],
) -> None:
    with pytest.raises(ValueError, match="no number"):
        workers.run([1, "raises", 2], 2, ignore)


def test_what_workers_print_is_kept_off_stdout(
    workers: Workers[object, int],
    capfd: pytest.CaptureFixture[str],
) -> None:
    workers.run([1, "raises in __del__"], 1, ignore)

    assert capfd.readouterr() == ("", "started\n")


@pytest.mark.parametrize(
    ("wanted", "items", "jobs"), [("1", 80, 1), ("4", 2, 2), ("4", 0, 1), ("auto", 15, 1)]
)
def test_jobs_are_no_more_than_there_is_work_for(wanted: str, items: int, jobs: int) -> None:
    assert jobs_for(wanted, items) == jobs
