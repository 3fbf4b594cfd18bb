"""Third-party modules that are not installed, over a run of custom graphs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from projects import rfa

LOST = """\
import module_that_nobody_has
import rfa_core as rfa


def {names[0]}() -> rfa.Graph:
    return rfa.Graph("lost")


def {names[1]}() -> rfa.Graph:
    return rfa.Graph("lost")
"""
GOOD = """\
import rfa_core as rfa


def good() -> rfa.Graph:
    net = rfa.Graph("good")
    net.conv("conv", filters=8, kernel=3)
    return net


def twice() -> rfa.Graph:
    raise AssertionError("defined again below")


def twice() -> rfa.Graph:
    return good()
"""


def test_a_missing_module_is_named_once_with_the_models_it_costs(
    pytester: pytest.Pytester, write: Callable[[str, str], Path]
) -> None:
    for part in "abc":
        write(f"{part}.py", LOST.format(names=[f"{part}_one", f"{part}_two"]))
    write("good.py", GOOD)
    options = ("--isolated", "--res=8", "-n1", "--output-format=concise")

    run = rfa(pytester.path, "check", *options)

    assert run.stderr == (
        "rfa: module_that_nobody_has is not installed, which costs 6 models: a.py::a_one, "
        "a.py::a_two, b.py::b_one, b.py::b_two, c.py::c_one and 1 more\n"
    )
    assert run.stdout.splitlines()[-1] == "Checked 1 of 7 models at 8 px: 6 errors, 1 info"
    assert run.returncode == 1
