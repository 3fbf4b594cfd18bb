"""The entry point: options and the marker, and the run itself only when it is asked for."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from pytest_rfa.options import add_options, is_on

if TYPE_CHECKING:
    from pytest_rfa.asked import Rfa


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Files of the project that tests import are noted, for the cache: see ``watch_imports``."""
    if is_on(early_config.known_args_namespace):
        from rfa_core import watch_imports

        watching = ExitStack()
        watching.enter_context(watch_imports())
        early_config.add_cleanup(watching.close)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "rfa(*fixtures, res=None, ignore=(), input_shape=None): the model that a test returns, or "
        "those of the named fixtures, is productive at a resolution; also on the check of one "
        "model at one resolution",
    )
    if is_on(config.option):
        from pytest_rfa.run import Run

        config.pluginmanager.register(Run(config), "rfa-run")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    mark = _mark_of(pyfuncitem)
    if mark is None:
        return None
    from pytest_rfa.asked import check_marked

    check_marked(pyfuncitem, mark)
    return True


def _mark_of(node: pytest.Item | pytest.Collector | None) -> pytest.Mark | None:
    """What ``node.get_closest_marker("rfa")`` returns, in half the time: every test of a suite
    is asked."""
    while node is not None:
        for mark in node.own_markers:
            if mark.name == "rfa":
                return mark
        node = node.parent
    return None


@pytest.fixture
def rfa(request: pytest.FixtureRequest) -> Rfa:
    """Receptive fields of your models: ``analyse``, ``assert_productive``,
    ``assert_receptive_field``."""
    from pytest_rfa.asked import Rfa

    return Rfa(request.config)
