"""The entry point: options and the marker, and the run itself only when it is asked for."""

from __future__ import annotations

import pytest

from pytest_rfa.options import add_options, is_on


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rfa: the check of one model at one resolution")
    if is_on(config):
        from pytest_rfa.run import Run

        config.pluginmanager.register(Run(config), "rfa-run")
