"""RFA202."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rfa_core.findings import Finding, JudgedLayer, ResolutionReport, Severity
from rfa_core.receptive.layers import Layer
from rfa_core.rules.base import Rule, Subject
from rfa_core.rules.wording import named, pixels


class BlindNetwork(Rule):
    """## What it does

    Finds networks in which no layer with weights sees the whole image: none has a footprint
    that covers it, none reads features with global context (attention, squeeze-and-excitation),
    and none flattens a map and weighs its positions. Networks that compute nothing from their
    input see none of it.

    ## Why is this bad?

    Two things that lie further apart than the largest footprint are never related to each
    other by anything that was learned. Global average pooling in front of a classifier does
    not change that: it averages what was seen in patches. For textures, denoising or local
    features that is right; for objects as large as the image it is not.

    ## Example

    ```python
    model = nn.Sequential(
        nn.Conv2d(3, 32, 3, stride=2, padding=1),
        nn.Conv2d(32, 64, 3, stride=2, padding=1),
        nn.Conv2d(64, 128, 3, padding=1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(128, 10),
    )  # checked at 64 px
    ```

    The last convolution sees 15 px of 64.

    ## Use instead

    Nothing has to change if what counts is smaller than that: check the network at the size
    of the objects. Otherwise let the footprint grow: more layers, larger kernels or dilation
    behind the strides, or an earlier stride.

    ## References

    - Brendel and Bethge: *Approximating CNNs with Bag-of-local-Features Models Works
      Surprisingly Well on ImageNet*, ICLR 2019.
    - Luo, Li, Urtasun and Zemel: *Understanding the Effective Receptive Field in Deep
      Convolutional Neural Networks*, NeurIPS 2016.
    - Araujo, Norris and Sim: *Computing Receptive Fields of Convolutional Neural Networks*,
      Distill 2019.
    """

    code: ClassVar[str] = "RFA202"
    name: ClassVar[str] = "blind-network"
    severity: ClassVar[Severity] = Severity.INFO

    def check(self, subject: Subject) -> Iterator[Finding]:
        for at in subject.model.resolutions:
            if not at.layers and not subject.model.stopped:
                yield self._unseeing(subject, at)
            weighted = [one for one in at.layers if one.layer.judgeable == "weights"]
            if weighted and not any(sees_all(one.layer, at.resolution) for one in weighted):
                yield self._finding(subject, at, weighted)

    def _unseeing(self, subject: Subject, at: ResolutionReport) -> Finding:
        return self.finding(
            subject,
            f"nothing that the model computes at {pixels(at.resolution)} px depends on its input",
            "its forward pass is empty or ignores what it is given; `exclude` or the comment "
            "`# rfa: not-a-model` leave a model out that is not finished",
            resolution=at.resolution,
        )

    def _finding(
        self, subject: Subject, at: ResolutionReport, weighted: list[JudgedLayer]
    ) -> Finding:
        widest = max(weighted, key=lambda one: _share_seen(one.layer, at.resolution))
        name, seen = widest.layer.name, pixels(widest.layer.output.max)
        return self.finding(
            subject,
            f"no layer sees the whole image at {pixels(at.resolution)} px: the widest footprint "
            f"is that of {named(name)}, {seen} px",
            "let the footprint grow, or check the network at the size of the objects it is for",
            resolution=at.resolution,
            layers=[name],
        )


def sees_all(layer: Layer, resolution: tuple[int, ...]) -> bool:
    """Whether the layer sees an image of ``resolution`` pixels per axis whole, or has global
    context."""
    return layer.output.global_context or _share_seen(layer, resolution) >= 1


def _share_seen(layer: Layer, resolution: tuple[int, ...]) -> float:
    """How much of the image the layer sees along the axis on which it sees least, of those that
    it depends on; 1 is all."""
    seen = zip(layer.output.max, resolution, strict=True)
    return min((size / limit for size, limit in seen if size), default=0.0)
