"""What users' own tests ask: the ``rfa`` fixture, and the marker on tests that return a model."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import pytest

import rfa_core
from pytest_rfa.options import overrides
from rfa_core import testing

_ARGUMENTS = ("res", "ignore", "input_shape")


class Rfa:
    """The ``rfa`` fixture: ``rfa_core.testing`` with the settings of the project under test.

    ``res`` is a resolution in pixels, as ``64``, ``"64x96"`` or one number per axis; without it,
    the configured ones count. Assertions take several as ``"64,96x128"`` or ``[64, "96x128"]``.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.settings = rfa_core.load_settings(config.rootpath, overrides=overrides(config))

    def analyse(
        self,
        model: object,
        res: int | str | Sequence[int] | None = None,
        *,
        input_shape: testing.InputShape | None = None,
    ) -> rfa_core.Analysis:
        """The analysis of a model at one resolution (see ``rfa_core.analyse``)."""
        wanted = res if res is not None else next(map(str, self.settings.resolutions), 224)
        return rfa_core.analyse(model, wanted, input_shape=input_shape, policy=self.settings.policy)

    def assert_productive(
        self,
        model: object,
        res: testing.Res | None = None,
        *,
        ignore: str | Sequence[str] = (),
        input_shape: testing.InputShape | None = None,
    ) -> rfa_core.Report:
        """Fail with the findings if ``rfa check`` would; see ``rfa_core.testing``."""
        __tracebackhide__ = True
        return testing.assert_productive(
            model, res, ignore=ignore, input_shape=input_shape, settings=self.settings
        )

    assert_receptive_field = staticmethod(testing.assert_receptive_field)


def check_marked(function: pytest.Function, mark: pytest.Mark) -> None:
    """Run a test and check the models it is about: those of the fixtures that the marker names,
    else the one that the test returns. Fails with the findings, without a traceback."""
    unknown = mark.kwargs.keys() - _ARGUMENTS
    if unknown:
        _fail(f"takes {', '.join(_ARGUMENTS)}, not {', '.join(sorted(unknown))}")
    known: Mapping[str, object] = function.funcargs
    for name in mark.args:
        if name not in known:
            _fail(f"{function.name} has no fixture {name!r}; it has {', '.join(known) or 'none'}")
    own = [name for name in inspect.signature(function.obj).parameters if name in known]
    returned = function.obj(**{name: known[name] for name in own})
    if returned is None and not mark.args:
        _fail(
            f"{function.name} returned None, expected a model; return it, or name the fixture "
            'that is one: @pytest.mark.rfa("model", res=64)'
        )
    for model in [known[name] for name in mark.args] or [returned]:
        problem = _problem(function.config, model, mark.kwargs)
        if problem:
            pytest.fail(problem, pytrace=False)


def _problem(config: pytest.Config, model: object, options: Mapping[str, Any]) -> str:
    try:
        Rfa(config).assert_productive(model, **options)
    except (AssertionError, rfa_core.RfaError) as error:
        return str(error)
    return ""


def _fail(problem: str) -> NoReturn:
    pytest.fail(f"@pytest.mark.rfa: {problem}", pytrace=False)
