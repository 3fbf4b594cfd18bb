"""The verdict of ``rfa check`` on models that are already built."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.api.analysis import guesses_of
from rfa_core.api.plugins import plugins_of
from rfa_core.api.session import Session
from rfa_core.config.settings import Settings
from rfa_core.discovery.candidates import Listing, Target
from rfa_core.errors import ResolutionError
from rfa_core.examination import examine, first_running
from rfa_core.findings import Report
from rfa_core.frontends import InputShape
from rfa_core.receptive.resolution import Resolution


def check_built(
    model: object,
    resolutions: Sequence[Resolution],
    settings: Settings,
    *,
    input_shape: InputShape | None = None,
    name: str = "",
) -> Report:
    """What ``rfa check`` says of a model that is already built, and left as it was found.

    The settings count as they do there; layers know the line that called them, not the one
    that constructed them. Without ``resolutions``, those of the settings. Raises TargetError,
    TraceError, ResolutionError.
    """
    wanted = tuple(resolutions) or settings.resolutions
    if not wanted:
        raise ResolutionError(
            "no resolution to judge the model at",
            f"give one in pixels as res=64, or as resolutions = [64] {settings.where}",
        )
    session = Session(settings)
    plugins_of(settings)
    guesses = guesses_of(model, input_shape, name, settings.policy, settings.root)
    report = examine(first_running(guesses, wanted), wanted)
    outcome = session.judged(Target(report.name, None, None, report.framework), report)
    return session.report([outcome], Listing(()))
