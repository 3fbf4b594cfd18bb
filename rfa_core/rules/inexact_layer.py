"""RFA904."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rfa_core.findings import Finding, JudgedLayer, ModelReport, Severity
from rfa_core.graph.model import Location
from rfa_core.rules.base import Rule, Subject
from rfa_core.rules.wording import enumerate_words, named


class InexactLayer(Rule):
    """## What it does

    Names the operations whose footprint is only a bound, and why: positions that depend on
    the data, or an operation this version does not know. Says, too, where a forward pass could
    not be followed any further, because data decide how it goes on.

    ## Why is this bad?

    Every other number is exact and tested against an independent method. Where that is not
    possible, the verdicts of this layer and of those after it rest on a bound, and you should
    know.

    ## Example

    ```python
    x = F.grid_sample(x, self.localise(x))
    ```

    A spatial transformer reads wherever its network points it: for one image of 64 px the left
    32 px, for another all 64. No single footprint is right; 64 px is the bound that is kept, with
    `exact: false`.

    ## Use instead

    Nothing has to change. Read the verdicts after the operation with care, or check the
    network before and behind it as models of their own.

    ## References

    - Jaderberg, Simonyan, Zisserman and Kavukcuoglu: *Spatial Transformer Networks*,
      NeurIPS 2015.
    """

    code: ClassVar[str] = "RFA904"
    name: ClassVar[str] = "inexact-layer"
    severity: ClassVar[Severity] = Severity.INFO

    def check(self, subject: Subject) -> Iterator[Finding]:
        groups: dict[tuple[tuple[str, ...], Location | None], list[str]] = {}
        for judged in self.audible(subject, _causes(subject.model)):
            layer = judged.layer
            place = layer.called or (layer.constructed[-1] if layer.constructed else None)
            groups.setdefault((layer.inexact, place), []).append(layer.name)
        for (reasons, place), names in groups.items():
            yield self.finding(
                subject,
                f"the footprint of {_listed(names)} is only a bound: {enumerate_words(reasons)}",
                "read the verdicts of this layer and of those after it with care",
                layers=names,
                place=place,
            )
        if subject.model.stopped:
            yield self.finding(
                subject,
                f"recording stopped in {subject.model.stopped}",
                "what comes after is not judged; check it as a model of its own",
            )


def _causes(model: ModelReport) -> list[JudgedLayer]:
    found = {
        judged.layer.name: judged
        for at in reversed(model.resolutions)
        for judged in at.layers
        if judged.layer.causes_inexact
    }
    return list(found.values())


def _listed(names: list[str]) -> str:
    first = named(names[0])
    return first if len(names) == 1 else f"{first} and {len(names) - 1} more"
