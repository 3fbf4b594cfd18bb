"""What a network is at many resolutions, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rfa_core.findings import ResolutionReport
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.regular import Extend, Regular, Take
from rfa_core.receptive.survey import PLACES, verdicts_of
from rfa_core.receptive.verdict import Verdict

ABSENT = -1
"""In place of a verdict: the layer does nothing at that resolution, and is not listed there."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """The verdicts and the cost of a network at R ``resolutions``, in pixels per axis.

    ``verdicts`` (R, layers) holds places in ``Verdict``, or -1 where ``rfa.analyse`` does not list
    the layer; ``parameters`` and ``macs`` (R) are totals, ``wasted_parameters`` and
    ``wasted_macs`` (R) the shares, 0 to 1, that sit in unproductive layers. All of it is what
    ``rfa.analyse`` says, also where ``short`` (R) is False: there the network is not
    regular, or does not run, and the whole analysis was made.
    """

    resolutions: tuple[tuple[int, ...], ...]
    layers: tuple[str, ...]
    verdicts: NDArray[np.int8]
    parameters: NDArray[Any]
    macs: NDArray[Any]
    wasted_parameters: NDArray[np.float64]
    wasted_macs: NDArray[np.float64]
    short: NDArray[np.bool_]

    def count(self, verdict: Verdict | str) -> NDArray[np.int64]:
        """How many layers have ``verdict`` (``"unproductive"``), per resolution.

        Raises ValueError for what is no verdict.
        """
        found: NDArray[np.int64] = (self.verdicts == PLACES[Verdict(verdict)]).sum(1)
        return found

    def with_verdict(self, verdict: Verdict | str, at: int = 0) -> tuple[str, ...]:
        """The layers that have ``verdict`` at the resolution at place ``at``."""
        own = self.verdicts[at] == PLACES[Verdict(verdict)]
        return tuple(name for name, is_one in zip(self.layers, own, strict=True) if is_one)


Sizes = tuple[int, ...]
Examined = Callable[[Sizes], tuple[int, ResolutionReport]]


def short_survey(network: Regular, wanted: Sequence[Sizes], policy: Policy) -> Survey:
    """The survey of a regular network, ``short`` where it holds. Raises IrregularError."""
    found = verdicts_of(network, np.array(wanted, np.int64), policy)
    listed = [place for place, part in enumerate(network.parts) if part.sources]
    for place in listed:
        if _does_nothing(network, place):
            found.verdicts[:, place] = ABSENT
    return Survey(
        tuple(wanted),
        tuple(network.parts[place].name for place in listed),
        found.verdicts[:, listed],
        found.parameters,
        found.macs,
        _shares(found.wasted_parameters, found.parameters),
        _shares(found.wasted_macs, found.macs),
        found.certain,
    )


def completed(survey: Survey, examined: Examined) -> Survey:
    """The survey with the whole analysis where it is not ``short``."""
    places = np.flatnonzero(~survey.short)
    left = [survey.resolutions[place] for place in places]
    long = long_survey(survey.layers, left, examined)

    def put(ours: NDArray[Any], theirs: NDArray[Any]) -> NDArray[Any]:
        made = ours.astype(object) if theirs.dtype == object else ours.copy()
        made[places] = theirs
        return made

    return replace(
        survey,
        verdicts=put(survey.verdicts, long.verdicts),
        parameters=put(survey.parameters, long.parameters),
        macs=put(survey.macs, long.macs),
        wasted_parameters=put(survey.wasted_parameters, long.wasted_parameters),
        wasted_macs=put(survey.wasted_macs, long.wasted_macs),
    )


def long_survey(names: Sequence[str], wanted: Sequence[Sizes], examined: Examined) -> Survey:
    """The survey of the layers ``names`` by the whole analysis at every resolution."""
    known = [examined(sizes) for sizes in wanted]
    verdicts = np.full((len(wanted), len(names)), ABSENT, np.int8)
    places = {name: place for place, name in enumerate(names)}
    for row, (_, report) in zip(verdicts, known, strict=True):
        for one in report.layers:
            row[places[one.layer.name]] = PLACES[one.verdict]
    return Survey(
        tuple(wanted),
        tuple(names),
        verdicts,
        _integers([parameters for parameters, _ in known]),
        _integers([report.macs for _, report in known]),
        np.array([report.waste.parameters for _, report in known], float),
        np.array([report.waste.macs for _, report in known], float),
        np.zeros(len(wanted), np.bool_),
    )


def _does_nothing(network: Regular, place: int) -> bool:
    """Whether a graph has no node for the part at ``place``, which changes nothing."""
    part = network.parts[place]
    if isinstance(part.step, Take):
        return part.step.start == 0 and part.step.stop == network.known[part.sources[0]].channels
    return isinstance(part.step, Extend) and not part.step.written


def _integers(numbers: Sequence[int]) -> NDArray[Any]:
    """Python's integers where they do not fit."""
    fitting = all(number < 2**62 for number in numbers)
    return np.array(numbers, np.int64 if fitting else object)


def _shares(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    found = np.zeros(len(whole))
    some = whole != 0
    found[some] = part[some] / whole[some]
    return found
