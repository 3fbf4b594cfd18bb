"""RFA203."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rfa_core.findings import Finding, JudgedLayer, Severity
from rfa_core.receptive.facts import UnreadBorder as Fact
from rfa_core.rules.base import Subject
from rfa_core.rules.blame import Group
from rfa_core.rules.structural_rule import StructuralRule
from rfa_core.rules.verdict_rule import built_here
from rfa_core.rules.wording import axis_name, enumerate_words, named, pixels, window


class UnreadBorder(StructuralRule[Fact]):
    """## What it does

    Finds convolutions and poolings whose stride does not come out even on the map they get:
    rows or columns at its end that none of their outputs reads. What a stride skips inside
    the map is RFA301's matter.

    ## Why is this bad?

    What stands in these rows is lost, always at the same two edges of the image, and the map
    is no longer centred on the image. It depends on the resolution: one pixel more or less
    and nothing is lost. A pooling of fixed size over the last map (`AvgPool2d(7)` on 8x8)
    drops an eighth of it on each axis.

    ## Example

    ```python
    model = torchvision.models.squeezenet1_1()  # checked at 224 px
    ```

    `features.0` is a 3x3 convolution of stride 2 without padding. On 224 rows its 111 outputs
    read the first 223; the last row and the last column are never read.

    ## Use instead

    Pad by what is missing, or use a resolution that comes out even (225 px here). For the
    last pooling, `AdaptiveAvgPool2d(1)`. The rule is off by default, because a row in
    hundreds is seldom worth a change.

    ## References

    - Alsallakh, Kokhlikyan, Miglani, Yuan and Reblitz-Richardson: *Mind the Pad: CNNs Can
      Develop Blind Spots*, ICLR 2021.
    - Dumoulin and Visin: *A Guide to Convolution Arithmetic for Deep Learning*,
      arXiv 1603.07285, 2016.
    """

    code: ClassVar[str] = "RFA203"
    name: ClassVar[str] = "unread-border"
    severity: ClassVar[Severity] = Severity.INFO
    kind = Fact

    def check(self, subject: Subject) -> Iterator[Finding]:
        for at in subject.model.resolutions:
            layers = at.layers if at.traced_at == at.resolution else ()
            for group in self.audible_groups(subject, self.groups(layers), at.resolution):
                yield self.finding(
                    subject,
                    f"{self.message(group)} at {pixels(at.resolution)} px",
                    self.advice(group),
                    resolution=at.resolution,
                    layers=[judged.layer.name for judged in group.layers],
                    place=group.place,
                )

    def message(self, group: Group) -> str:
        judged, fact = self.facts(group)[0]
        several = f"{built_here(group)} leave a border unread: " if len(group.layers) > 1 else ""
        return f"{several}{_never_reads(judged, fact)}"

    def advice(self, group: Group) -> str:
        del group
        return "pad by what is missing, or use a resolution that the strides divide"


def _never_reads(judged: JudgedLayer, fact: Fact) -> str:
    layer = judged.layer
    lost = enumerate_words(
        _rows(number, axis, len(fact.rows)) for axis, number in enumerate(fact.rows) if number
    )
    of = f"of its {window(layer.input_feature_map)} map"
    return f"{named(layer.name)} never reads {lost} {of}"


def _rows(number: int, axis: int, axes: int) -> str:
    noun = ("row", "column")[axis] if axes == 2 else f"position in {axis_name(axis, axes)}"
    if number == 1:
        return f"the last {noun}"
    first, *rest = noun.split(" ", 1)
    return " ".join([f"the last {number} {first}s", *rest])
