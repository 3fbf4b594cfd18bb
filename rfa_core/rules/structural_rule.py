"""The rules that report one fact about the structure of layers each, line by line."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, Generic, TypeVar

from rfa_core.findings import Finding, JudgedLayer, ModelReport
from rfa_core.receptive.facts import Fact, find_fact
from rfa_core.rules.base import Rule, Subject
from rfa_core.rules.blame import Group, group_by_line

F = TypeVar("F", bound=Fact)


class StructuralRule(Rule, Generic[F]):
    """A rule that says where the layers of one kind of fact were built, at any resolution."""

    on_by_default: ClassVar[bool] = False
    reads_structure: ClassVar[bool] = True
    kind: type[F]

    def check(self, subject: Subject) -> Iterator[Finding]:
        for group in self.audible_groups(subject, self.groups(_all_layers(subject.model))):
            yield self.finding(
                subject,
                self.message(group),
                self.advice(group),
                layers=[judged.layer.name for judged in group.layers],
                place=group.place,
            )

    @abstractmethod
    def message(self, group: Group) -> str:
        """The sentence about the layers of ``group``, with the numbers that decided."""

    @abstractmethod
    def advice(self, group: Group) -> str:
        """What to do about them."""

    def groups(self, layers: Sequence[JudgedLayer]) -> tuple[Group, ...]:
        """Those of ``layers`` with the fact, by the line that built no other of their sort."""
        chosen = [judged for judged in layers if find_fact(judged.layer.structure, self.kind)]
        sorts = {judged.layer.operation for judged in chosen}
        scope = [judged for judged in layers if judged.layer.operation in sorts]
        return group_by_line(chosen, scope)

    def facts(self, group: Group) -> list[tuple[JudgedLayer, F]]:
        """The layers of ``group``, each with its fact."""
        found = ((judged, find_fact(judged.layer.structure, self.kind)) for judged in group.layers)
        return [(judged, fact) for judged, fact in found if fact is not None]


def _all_layers(model: ModelReport) -> list[JudgedLayer]:
    """Every layer once, as it is at the first resolution that has something to say about it."""
    found: dict[str, JudgedLayer] = {}
    for at in model.resolutions:
        for judged in at.layers:
            known = found.get(judged.layer.name)
            if known is None or (judged.layer.structure and not known.layer.structure):
                found[judged.layer.name] = judged
    return list(found.values())
