"""The rules that report one verdict each, line by line."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from rfa_core.findings import Finding, JudgedLayer, ResolutionReport, Waste
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.base import Rule, Subject, share_of
from rfa_core.rules.blame import Group, group_by_line, relative_to
from rfa_core.rules.wording import enumerate_words

_LINES = 3
"""How many lines are named at most."""


class VerdictRule(Rule):
    """A rule that says where the layers of one verdict were constructed."""

    verdict: ClassVar[Verdict]

    def check(self, subject: Subject) -> Iterator[Finding]:
        for at in subject.model.resolutions:
            judged = [one for one in at.layers if one.verdict is not Verdict.NOT_JUDGED]
            groups = group_by_line(self.layers(at), judged)
            for group in self.audible_groups(subject, groups, at.resolution):
                yield self._finding(subject, at, group)

    def layers(self, at: ResolutionReport) -> tuple[JudgedLayer, ...]:
        """The layers that the rule is about."""
        return at.with_verdict(self.verdict)

    @abstractmethod
    def message(self, at: ResolutionReport, group: Group, waste: Waste) -> str:
        """The sentence about the layers of ``group``, with the numbers that decided."""

    @abstractmethod
    def advice(self, subject: Subject, at: ResolutionReport, group: Group) -> str:
        """What to do about them."""

    def _finding(self, subject: Subject, at: ResolutionReport, group: Group) -> Finding:
        waste = share_of(group.layers, subject.model.parameters, at.macs)
        return self.finding(
            subject,
            self.message(at, group, waste),
            self.advice(subject, at, group) + _built_among_others(subject, group),
            resolution=at.resolution,
            layers=[judged.layer.name for judged in group.layers],
            place=group.place,
            waste=waste,
        )


def built_here(group: Group) -> str:
    """``3 layers built here``; a group without a line of its own is just ``3 layers``."""
    number = f"{len(group.layers)} layers"
    return f"{number} built here" if group.place else number


def _built_among_others(subject: Subject, group: Group) -> str:
    """Where to look, for layers that are reported on the line of the factory."""
    lines = [str(line) for one in group.among if (line := relative_to(subject.root, one))]
    if not lines:
        return ""
    more = [f"{len(lines) - _LINES} more"] if len(lines) > _LINES else []
    they = "builds" if len(lines) == 1 else "build"
    which = "this layer" if len(group.layers) == 1 else "these layers"
    return f"; {enumerate_words([*lines[:_LINES], *more])} {they} {which}, but others as well"


def shrinking_layers(layers: Sequence[JudgedLayer], before: JudgedLayer) -> tuple[str, ...]:
    """The first two layers before ``before`` whose stride makes later footprints grow, along an
    axis that it depends on."""
    own = [axis for axis, size in enumerate(before.layer.output.min) if size != 0]
    found: list[str] = []
    for judged in layers:
        if judged is before or len(found) == 2:
            break
        layer = judged.layer
        moves = any(layer.stride[axis] > 1 and layer.output.min[axis] != 0 for axis in own)
        if moves and "transpose" not in layer.operation:
            found.append(layer.name)
    return tuple(found)
