"""Who ends a run, and when: it says so in one line, and leaves nothing half-done.

Elsewhere: the reports of what was done by then (``tests/functional/test_ended_runs.py``), a run
that is killed (``test_hostile_factories.py``).
"""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest
from fault_bench import SOUND, Bench

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are those of Unix")

WAIT = """\
import time
from pathlib import Path
def wait(*_, **__):
    Path("begun").touch()
    for _ in range(6_000):
        time.sleep(0.1)
"""
"""In short steps: a signal just before a system call is seen when the call is over."""
PHASES = {
    "discovery": f"{WAIT}import rfa_core.api.models\nrfa_core.api.models.resolve = wait\n",
    "building": f"{WAIT}import rfa_core.discovery.plain_builder as it\nit.build_plain = wait\n",
    "caching": f"{WAIT}import os\nos.replace = wait\n",
    "reporting": f"{WAIT}Path.replace = wait\n",
}
"""Runs that stop at the step that is named. In the last two a draft is written by then."""
EARLIER = "an earlier report\n"


@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("phase", PHASES)
def test_a_run_that_is_ended_says_so_and_leaves_nothing(bench: Bench, phase: str, end: str) -> None:
    report = bench.write("out.json", EARLIER)
    jobs = ("-n1",) if phase != "caching" else ("-n1", "--timeout=0", "--memory-limit=0")
    options = (*jobs, "--report=json:out.json")
    run = bench.start("check", *options, *SOUND, before=PHASES[phase])
    begun = bench.root / "begun"
    while not begun.exists():
        assert run.poll() is None, run.communicate()
        time.sleep(0.02)

    os.kill(run.pid, getattr(signal, end))
    ran = bench.end(run)

    assert (ran.code, ran.out, ran.err) == (130, "", "rfa: interrupted\n")
    assert ran.left == []
    assert report.read_text() == EARLIER


def test_who_is_told_to_survive_the_terminal_does(bench: Bench) -> None:
    nohup = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    slow = WAIT.replace("6_000", "0") + nohup + "import os\nos.kill(os.getpid(), signal.SIGHUP)\n"

    ran = bench.check(*SOUND, before=slow)

    assert (ran.code, ran.err, ran.left) == (1, "", [])
