"""RFA103."""

from __future__ import annotations

from typing import ClassVar

from rfa_core.findings import ResolutionReport, Severity, Waste
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.base import Subject
from rfa_core.rules.blame import Group
from rfa_core.rules.verdict_rule import VerdictRule, built_here
from rfa_core.rules.wording import named, pixels


class CriticalLayer(VerdictRule):
    """## What it does

    Finds layers whose own footprint passes the image size on every axis, while their input
    does not see all of it yet.

    ## Why is this bad?

    It is not bad in itself: a critical layer still relates parts of the image that no layer
    before it saw together, and every classifier needs the whole image somewhere. But it is
    the last that can along its path, and much of its kernel reads padding. Many critical
    layers say that the network is deeper than the image asks for.

    ## Example

    ```python
    model = torchvision.models.resnet18()  # checked at 64 px
    ```

    `layer3.1.conv2` receives 43 px along its shortest path and sees 75, more than the 64
    there are. On 16-pixel images eight of the convolutions are critical and eight more are
    unproductive.

    ## Use instead

    Nothing has to change. If the network should be cheaper, begin to cut here: a ResNet-18
    with a stem of 3x3 and blocks `[2, 1]` has three critical layers at 16 px, no unproductive
    one, and reached the same accuracy at a fifth of the cost.

    ## References

    - Richter, Schöning, Wiedenroth and Krumnack: *Should You Go Deeper? Optimizing
      Convolutional Neural Network Architectures without Training*, ICMLA 2021.
    """

    code: ClassVar[str] = "RFA103"
    name: ClassVar[str] = "critical-layer"
    severity: ClassVar[Severity] = Severity.INFO
    verdict: ClassVar[Verdict] = Verdict.CRITICAL

    def message(self, at: ResolutionReport, group: Group, waste: Waste) -> str:
        del waste
        layer = group.layers[0].layer
        received, seen = pixels(layer.input.min), pixels(layer.output.min)
        image = pixels(at.resolution)
        if len(group.layers) == 1:
            start = f"{named(layer.name)} passes the image size at {image} px: "
            return f"{start}it receives {received} px and sees {seen} px{_ties(group)}"
        start = f"{built_here(group)} pass the image size at {image} px: "
        return f"{start}{named(layer.name)} receives {received} px and sees {seen} px{_ties(group)}"

    def advice(self, subject: Subject, at: ResolutionReport, group: Group) -> str:
        del subject, at, group
        return "nothing has to change; if the network should be cheaper, begin to cut here"


def _ties(group: Group) -> str:
    if not any(judged.tie for judged in group.layers):
        return ""
    return '; a tie decides (tie = "unproductive" would count it as past the border)'
