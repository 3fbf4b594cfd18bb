"""RFA201."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rfa_core.findings import Finding, ResolutionReport, Severity, Unsupported
from rfa_core.rules.base import Rule, Subject
from rfa_core.rules.blame import group_by_line
from rfa_core.rules.wording import named, pixels


class UnsupportedResolution(Rule):
    """## What it does

    Finds resolutions at which the model cannot run: the feature map is gone before the end,
    a pooling window does not fit, or the model takes one input size only. It names the layer
    and the nearest resolution that works. Footprints do not depend on the resolution, so the
    layers are judged all the same.

    ## Why is this bad?

    The model raises as soon as it meets an image of this size.

    ## Example

    A VGG-16 on 16-pixel images.

    ```python
    model = torchvision.models.vgg16()  # checked at 16 px
    ```

    Four poolings leave a map of 1x1; the fifth, `features.30`, has a window of 2x2. The
    nearest resolution that works is 32 px. A ViT-B/16 takes images of 224 px and no others.

    ## Use instead

    Check the resolution that the model is used at, down-sample less, or build the model for
    the resolution (`vit_b_16(image_size=64)`).

    ## References

    - Simonyan and Zisserman: *Very Deep Convolutional Networks for Large-Scale Image
      Recognition*, ICLR 2015.
    - Dosovitskiy et al.: *An Image is Worth 16x16 Words: Transformers for Image Recognition
      at Scale*, ICLR 2021.
    """

    code: ClassVar[str] = "RFA201"
    name: ClassVar[str] = "unsupported-resolution"
    severity: ClassVar[Severity] = Severity.ERROR

    def check(self, subject: Subject) -> Iterator[Finding]:
        for at in subject.model.resolutions:
            if at.unsupported is not None:
                yield self._finding(subject, at, at.unsupported)

    def _finding(self, subject: Subject, at: ResolutionReport, why: Unsupported) -> Finding:
        layer = [judged for judged in at.layers if judged.layer.name == why.layer]
        groups = group_by_line(layer, at.layers)
        return self.finding(
            subject,
            _message(at, why),
            _advice(why),
            resolution=at.resolution,
            layers=[why.layer] if why.layer else [],
            place=groups[0].place if groups else None,
        )


def _message(at: ResolutionReport, why: Unsupported) -> str:
    where = f", it stops at {named(why.layer)}" if why.layer else ""
    fixed = "takes one input size only and " if why.fixed else ""
    text = f"the model {fixed}cannot run at {pixels(at.resolution)} px{where}: {why.reason}"
    if why.works_at:
        text += f"; the nearest resolution that works is {pixels(why.works_at)} px"
    if at.layers:
        text += f" (footprints traced at {pixels(at.traced_at)} px are judged all the same)"
    return text


def _advice(why: Unsupported) -> str:
    works = f"check it at {pixels(why.works_at)} px" if why.works_at else "check it at another size"
    if why.fixed:
        return (
            f"{works}, or build the model for the resolution you use: `kwargs` of its entry in "
            "`factories`"
        )
    before = f" before {named(why.layer)}" if why.layer else ""
    return f"{works}, or down-sample less{before}"
