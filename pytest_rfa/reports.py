"""The files of ``--rfa-report`` and of ``reports``: outcomes travel on pytest's own reports,
from workers too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import rfa_core
from pytest_rfa.plan import Plan
from pytest_rfa.properties import identity, properties_of

_ATTRIBUTE = "rfa_outcome"


class ReportFiles:
    """Gathers the outcomes of a run and writes the files asked for; idle if none is."""

    def __init__(self, config: pytest.Config) -> None:
        folder = config.invocation_params.dir
        given: list[tuple[str, str]] = config.getoption("rfa_report")
        self._wanted = [(name, folder / path) for name, path in given]
        self._in_worker = hasattr(config, "workerinput")
        self._needed = bool(self._wanted)
        self._outcomes: dict[tuple[str, str], rfa_core.Outcome] = {}

    def need_outcomes(self) -> None:
        """Gather outcomes even if no file is asked for."""
        self._needed = True

    def outcomes(self, plan: Plan) -> list[rfa_core.Outcome]:
        """Those of this run, in the order of the plan; none in a worker."""
        return [self._outcomes[check] for check in plan.order() if check in self._outcomes]

    def check_formats(self) -> None:
        """Raise RfaError if a format is unknown."""
        for name, _ in self._wanted:
            if name not in rfa_core.FORMATS:
                raise rfa_core.RfaError(
                    f"--rfa-report: there is no format {name!r}",
                    f"the formats are {', '.join(rfa_core.FORMATS)}",
                )

    def add_configured(self, settings: rfa_core.Settings) -> None:
        """Write what the configuration asks of every run, too."""
        root = Path(settings.root)
        self._wanted[:0] = [(name, root / path) for name, path in settings.reports]

    def attach(
        self, report: pytest.TestReport, outcome: rfa_core.Outcome, session: rfa_core.Session
    ) -> None:
        """Give ``report`` the outcome to carry, as text."""
        if self._needed:
            setattr(report, _ATTRIBUTE, session.packed(outcome))

    def collect(self, report: pytest.TestReport, session: rfa_core.Session) -> None:
        """Keep what ``report`` carries; of a check that ran twice, the last."""
        text = getattr(report, _ATTRIBUTE, None)
        if text is not None and not self._in_worker:
            check = identity(properties_of(report))
            self._outcomes[check] = session.unpacked(text)

    def write(self, plan: Plan, *, interrupted: bool) -> None:
        """Write every file, with the folders it needs; an ``interrupted`` run has its exit code.

        Raises RfaError for what cannot be written, when the rest is.
        """
        if self._in_worker:
            return
        wanted = [(name, str(path)) for name, path in self._wanted]
        if not wanted:
            return
        report = plan.report(self.outcomes(plan))
        rfa_core.write_reports(replace(report, exit_code=130) if interrupted else report, wanted)
