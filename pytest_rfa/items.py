"""The collector that holds a file's models, and the item that checks one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import rfa_core
from pytest_rfa.failure import FailedCheckError, represent
from pytest_rfa.plan import Check, Plan
from pytest_rfa.properties import properties


class ModelFile(pytest.File):
    """The checks of the models that one file defines. The file is not imported."""

    def __init__(self, *, plan: Plan, checks: Sequence[Check], **arguments: Any) -> None:
        super().__init__(**arguments)
        self.name = self.path.name
        self.plan = plan
        self.checks = checks

    def collect(self) -> Iterator[ModelItem]:
        for check in self.checks:
            yield ModelItem.from_parent(self, name=check.name, plan=self.plan, check=check)


class ModelItem(pytest.Item):
    """The check of one model at one resolution."""

    def __init__(self, *, plan: Plan, check: Check, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.plan = plan
        self.check = check
        self.outcome: rfa_core.Outcome | None = None
        self.add_marker("rfa")

    @property
    def nodeid(self) -> str:
        """With the model after a last ``@`` in workers under ``--dist loadgroup``: from there the
        scheduler reads what one worker is to run. (The marker of xdist 3.8, which should put it
        there, has no effect with pytest 9.2.)"""
        grouped = getattr(self.config.option, "loadgroup", False)
        return f"{super().nodeid}@{self.check.target.name}" if grouped else super().nodeid

    def runtest(self) -> None:
        self.outcome = self.plan.run(self.check)
        self.user_properties.extend(properties(self.check, self.outcome))
        report = self.plan.report([self.outcome])
        if report.exit_code:
            raise FailedCheckError(report)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, FailedCheckError):
            return represent(excinfo.value.report, str(self.path), self.check.target.line or 1)
        if isinstance(excinfo.value, rfa_core.RfaError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, (self.check.target.line or 1) - 1, self.check.title
