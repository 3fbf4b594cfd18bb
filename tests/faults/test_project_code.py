"""Faults in the project's own code, at import, build and forward pass.

All are in one run, beside two models without any. What each costs is its own model: one finding
that names it, says what happened and where. Elsewhere: memory, forks, input and ``__del__``
(``tests/functional/test_hostile_factories.py``), what is wrong with models
(``tests/unit/frontends/test_refused_models.py``, ``test_failing_forward.py``), the processes
themselves (``tests/unit/test_parallel.py``), the rules and hooks of the analysis
(``tests/unit/test_runs.py``, ``tests/functional/test_hooks.py``).
"""

from __future__ import annotations

import sys
from typing import Any

import pytest
from fault_bench import SOUND, Bench, Ran

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are those of Unix")

FAULTS = {
    "raises": "1 / 0",
    "exits": "sys.exit(0)",
    "leaves": "os._exit(0)",
    "interrupts": "raise KeyboardInterrupt",
    "odd": "raise BaseException('odd')",
    "recurses": "(again := lambda: again())()",
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "crashes": "os.kill(os.getpid(), signal.SIGSEGV)",
    "cuts": "os.closerange(3, 256)",
    "prints": "print('garbage'), os.write(1, b'garbage'), sys.__stdout__.write('garbage')",
    "closes": "os.close(1), sys.stdout.close()",
    "moves": "os.chdir('/')",
    "forgets": "sys.path.clear(), sys.argv.clear(), os.environ.clear()",
}
HEAD = "import os, signal, sys\nimport rfa_core as rfa\n"
"""Two lines, so that a fault at the import is in line 3."""
AT = {
    "import": "{head}{fault}\n\ndef bad():\n    net = rfa.Graph('bad')\n"
    "    net.conv('conv', filters=4, kernel=3)\n    return net\n",
    "build": "{head}def bad():\n    {fault}\n    net = rfa.Graph('bad')\n"
    "    net.conv('conv', filters=4, kernel=3)\n    return net\n",
    "forward": "{head}@rfa.layer_type('custom', '{name}')\ndef kind():\n    {fault}\n"
    "    return rfa.Window(3)\n\ndef bad():\n    net = rfa.Graph('bad')\n"
    "    net.{name}('mix')\n    return net\n",
}
FILES = {
    f"{boundary}_{name}.py": text.format(head=HEAD, fault=fault, name=name)
    for boundary, text in AT.items()
    for name, fault in FAULTS.items()
} | {
    "import_syntax.py": "def bad(:\n",
    "import_null.py": "x = '\0'\n\ndef bad():\n    pass\n",
    "import_bytes.py": b"x = '\xff'\n\ndef bad():\n    pass\n",
}

ITS = {
    ("import", "raises"): "cannot be imported: ZeroDivisionError: division by zero",
    ("import", "exits"): "exits when it is imported",
    ("import", "leaves"): "exits when it is imported",
    ("import", "odd"): "cannot be imported: BaseException: odd",
    ("import", "recurses"): "cannot be imported: RecursionError: ",
    ("import", "syntax"): "cannot be imported: SyntaxError: ",
    ("import", "null"): "cannot be imported: SyntaxError: ",
    ("import", "bytes"): "cannot be imported: SyntaxError: ",
    ("build", "raises"): "raises ZeroDivisionError: division by zero when it is called",
    ("build", "exits"): "exits when it is called",
    ("build", "leaves"): "exits when it is called",
    ("build", "odd"): "raises BaseException: odd when it is called",
    ("build", "recurses"): "raises RecursionError: ",
    ("forward", "raises"): ".kind raises ZeroDivisionError: division by zero",
    ("forward", "exits"): "exits when it is run",
    ("forward", "leaves"): "exits when it is run",
    ("forward", "odd"): "raises BaseException: odd when it is run",
    ("forward", "recurses"): ".kind raises RecursionError: ",
}
ANYWHERE = {
    "interrupts": "raises KeyboardInterrupt",
    "killed": "lost the process that built it to SIGKILL, most likely for want of memory",
    "crashes": "lost the process that built it to SIGSEGV: it crashed",
    "cuts": "ended the process that built it, with exit code 1",
}
HARMLESS = {"prints", "closes", "moves", "forgets"}
STATUS = {"import": "unimportable", "build": "unbuildable", "forward": "untraceable"}
CODE = {"unimportable": "RFA901", "unbuildable": "RFA902", "untraceable": "RFA903"}
LINE = {"import": 3, "build": 4, "forward": 5}
ROWS = [tuple(name.removesuffix(".py").split("_")) for name in FILES]
NAMES = [f"{name}::bad" for name in FILES]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, Ran]:
    """One run over all of them, the sound ones in the middle."""
    bench = Bench(tmp_path_factory.mktemp("all"))
    for name, text in FILES.items():
        bench.write(name, text)
    half = len(NAMES) // 2
    return bench, bench.check(*NAMES[:half], *SOUND, *NAMES[half:])


def test_the_sound_models_are_judged_as_ever(ran: tuple[Bench, Ran], faultless: list[Any]) -> None:
    bench, run = ran

    files = sorted(path.name for path in bench.root.iterdir() if path.name[0] != ".")

    assert run.code == 2
    assert run.sound == faultless
    assert run.left == []
    assert files == sorted([*FILES, "models.py", "pyproject.toml"])


def test_no_traceback_is_shown(ran: tuple[Bench, Ran]) -> None:
    assert "Traceback" not in ran[1].err + ran[1].out


@pytest.mark.parametrize(("boundary", "fault"), ROWS, ids=["-".join(row) for row in ROWS])
def test_a_fault_costs_its_own_model_and_is_said_once(
    ran: tuple[Bench, Ran], boundary: str, fault: str
) -> None:
    name = f"{boundary}_{fault}.py::bad"
    report = ran[1].report

    (model,) = (one for one in report["models"] if one["name"] == name)
    errors = [
        (one["code"], one["message"])
        for one in report["findings"]
        if one["model"] == name and one["severity"] == "error"
    ]

    if fault in HARMLESS:
        assert (model["status"], model["error"], errors) == ("analysed", None, [])
        return
    said = ANYWHERE.get(fault) or ITS[boundary, fault]
    status = "unbuildable" if fault in ANYWHERE else STATUS[boundary]
    message = model["error"].removeprefix(f"{name}: ").removeprefix(f"{name} ")
    assert (model["status"], errors) == (status, [(CODE[status], message)])
    assert model["error"].startswith(name.removesuffix("::bad"))
    assert said in model["error"]
    if fault in ("raises", "exits", "leaves", "odd") and boundary != "forward":
        assert model["error"].endswith(f" (at {boundary}_{fault}.py:{LINE[boundary]})")


def test_what_never_ends_is_given_up_wherever_that_is(bench: Bench, faultless: list[Any]) -> None:
    never = "import time; time.sleep(600)"
    names = [
        bench.write(f"{at}_never.py", AT[at].format(head=HEAD, fault=never, name="never")).name
        for at in ("import", "forward")
    ]

    ran = bench.check(*(f"{name}::bad" for name in names), *SOUND, "--timeout=25", "-n2")

    given_up = [one["error"] for one in ran.report["models"] if one["name"] not in SOUND]
    reason = "::bad did not come to an end within 25 s (--timeout)"
    assert given_up == [f"{name}{reason}" for name in names]
    assert (ran.code, ran.err, ran.left, ran.sound) == (2, "", [], faultless)
