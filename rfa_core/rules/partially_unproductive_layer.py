"""RFA104."""

from __future__ import annotations

from typing import ClassVar

from rfa_core.findings import ResolutionReport, Severity, Waste
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.base import Subject
from rfa_core.rules.blame import Group
from rfa_core.rules.verdict_rule import VerdictRule, built_here
from rfa_core.rules.wording import axis_name, enumerate_words, named, pixels, shares

_SMALLER = "use smaller kernels or strides"


class PartiallyUnproductiveLayer(VerdictRule):
    """## What it does

    Finds layers whose footprint passes the image on some of its axes, but not on all.

    ## Why is this bad?

    Along the short side of the image the layer has less and less to add, while it still
    gathers context along the long side. A square kernel with a square stride spends the same
    on both: on spectrograms, panoramas, text lines and video clips a good part of it reads
    padding.

    ## Example

    An ImageNet ResNet-18 on spectrograms of 64x512.

    ```python
    model = torchvision.models.resnet18()  # checked at 64x512
    ```

    `layer4.1.conv2` sees 139 px in height, where there are 64, and 139 px in width, where
    there are 512. Four convolutions are past the image in height only.

    ## Use instead

    Grow the footprint at the pace of each side: strides and kernels per axis.

    ```python
    nn.Conv2d(64, 128, kernel_size=(1, 3), stride=(1, 2), padding=(0, 1))
    ```

    ## References

    - Richter, Byttner, Krumnack, Wiedenroth, Schallner and Shenk: *(Input) Size Matters for
      CNN Classifiers*, ICANN 2021.
    """

    code: ClassVar[str] = "RFA104"
    name: ClassVar[str] = "partially-unproductive-layer"
    severity: ClassVar[Severity] = Severity.WARNING
    verdict: ClassVar[Verdict] = Verdict.PARTIAL

    def message(self, at: ResolutionReport, group: Group, waste: Waste) -> str:
        layer = group.layers[0].layer
        image = pixels(at.resolution)
        seen = f"{_past(layer, at.resolution)} ({shares(waste)})"
        if len(group.layers) == 1:
            start = f"{named(layer.name)} passes the image on some axes only at {image} px"
            return f"{start}: it sees {seen}"
        return (
            f"{built_here(group)} pass the image on some axes only at {image} px: "
            f"{named(layer.name)} sees {seen}"
        )

    def advice(self, subject: Subject, at: ResolutionReport, group: Group) -> str:
        del subject
        layers: dict[tuple[int, ...], list[str]] = {}
        for judged in group.layers:
            past = tuple(_axes_past(judged.layer, at.resolution))
            layers.setdefault(past, []).append(judged.layer.name)
        if len(layers) == 1:
            (past,) = layers
            return f"{_SMALLER} in {_axes(past, at)} than on the other axes"
        told = (f"in {_axes(past, at)} for {_some(names)}" for past, names in layers.items())
        return f"{_SMALLER} than on the other axes: {enumerate_words(told)}"


def _axes(axes: tuple[int, ...], at: ResolutionReport) -> str:
    return enumerate_words(axis_name(axis, len(at.resolution)) for axis in axes)


def _some(names: list[str]) -> str:
    return named(names[0]) + (f" and {len(names) - 1} more" if names[1:] else "")


def _past(layer: Layer, resolution: tuple[int, ...]) -> str:
    seen = layer.output.min
    return enumerate_words(
        f"{pixels([seen[axis]])} of {resolution[axis]} px in {axis_name(axis, len(resolution))}"
        for axis in _axes_past(layer, resolution)
    )


def _axes_past(layer: Layer, resolution: tuple[int, ...]) -> list[int]:
    pairs = zip(layer.output.min, resolution, strict=True)
    return [axis for axis, (seen, size) in enumerate(pairs) if seen is None or seen > size]
