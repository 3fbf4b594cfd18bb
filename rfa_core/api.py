"""The use cases, and the only place where the parts are wired together.

The command line and the pytest plugin are two doors to this module; neither does anything
of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rfa_core.config.settings import Settings
from rfa_core.discovery.candidates import Listing, Target
from rfa_core.findings import Finding, ModelReport, Report
from rfa_core.receptive.resolution import Resolution


@dataclass(frozen=True, slots=True)
class Outcome:
    """One target's share of a report."""

    model: ModelReport
    findings: tuple[Finding, ...]


class Session:
    """One run: it resolves targets, checks them one by one and adds up the report.

    A model is built once, however many resolutions it is checked at, as long as they are
    asked for one after the other.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def plan(self, names: Sequence[str] = ()) -> Listing:
        """The targets that ``names`` mean (``[tool.rfa]``'s, or all of the project, if empty).

        Nothing is imported. Raises TargetError for a name that means nothing, with the
        nearest that does.
        """
        raise NotImplementedError

    def resolutions(self, target: Target) -> tuple[Resolution, ...]:
        """What ``target`` is checked at: its own resolutions, else those of the settings."""
        raise NotImplementedError

    def check(self, target: Target, resolutions: Sequence[Resolution] = ()) -> Outcome:
        """Build, trace, analyse and judge one model; failures become findings, never raise.

        ``resolutions`` replaces ``self.resolutions(target)``.
        """
        raise NotImplementedError

    def report(self, outcomes: Sequence[Outcome], listing: Listing) -> Report:
        """Put the outcomes together and decide the exit code."""
        raise NotImplementedError


def check(
    names: Sequence[str],
    settings: Settings,
    progress: Callable[[int, int, str], None] | None = None,
) -> Report:
    """Check every model that ``names`` mean.

    ``progress(done, total, name)`` is called before each model. Raises TargetError and
    ConfigurationError when there is nothing to check.
    """
    session = Session(settings)
    listing = session.plan(names)
    outcomes = []
    for done, target in enumerate(listing.targets):
        if progress is not None:
            progress(done, len(listing.targets), target.name)
        outcomes.append(session.check(target))
    return session.report(outcomes, listing)
