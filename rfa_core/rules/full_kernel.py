"""RFA102."""

from __future__ import annotations

from typing import ClassVar

from rfa_core.findings import JudgedLayer, ResolutionReport, Severity, Waste
from rfa_core.receptive.verdict import Verdict, covers_its_map
from rfa_core.rules.base import Subject
from rfa_core.rules.blame import Group
from rfa_core.rules.verdict_rule import VerdictRule, built_here, shrinking_layers
from rfa_core.rules.wording import enumerate_words, named, pixels, shares, window


class FullKernel(VerdictRule):
    """## What it does

    Finds layers whose kernel is at least as large as the feature map they get, on every
    axis, although their input does not yet see the whole image. A layer that passes the
    image size as well is critical by verdict, and reported here all the same. Of a transposed
    convolution counts what one output reads: a kernel of 4 with a stride of 2 reads 2 positions.

    ## Why is this bad?

    Such a kernel covers all positions at once: it is a dense layer in disguise. Its weights
    are no longer shared between positions, and a part of them only ever meets padding. Often
    it is the sign of an image that is too small for the strides before it.

    ## Example

    An ImageNet ResNet-18 on 64-pixel images: the last stage works on maps of 2x2 positions.

    ```python
    model = torchvision.models.resnet18()  # checked at 64 px
    ```

    `layer4.0.conv2` and `layer4.1.conv1` have kernels of 3x3 on a map of 2x2. At most four
    of their nine taps meet a feature at any position.

    ## Use instead

    Down-sample less before the layer, use larger images, or a smaller kernel. At 128 px the
    same maps have 4x4 positions and the kernels are convolutions again.

    Some networks are built this way on purpose: the last stage of ConvNeXt has kernels of
    7x7 on maps of 7x7 at its design resolution of 224 px. Ignore the rule for these.

    ## References

    - Richter, Byttner, Krumnack, Wiedenroth, Schallner and Shenk: *(Input) Size Matters for
      CNN Classifiers*, ICANN 2021.
    - Liu, Mao, Wu, Feichtenhofer, Darrell and Xie: *A ConvNet for the 2020s*, CVPR 2022.
    """

    code: ClassVar[str] = "RFA102"
    name: ClassVar[str] = "full-kernel"
    severity: ClassVar[Severity] = Severity.WARNING
    verdict: ClassVar[Verdict] = Verdict.FULL_KERNEL

    def layers(self, at: ResolutionReport) -> tuple[JudgedLayer, ...]:
        judged = at.with_verdict(Verdict.FULL_KERNEL, Verdict.CRITICAL)
        return tuple(one for one in judged if covers_its_map(one.layer))

    def message(self, at: ResolutionReport, group: Group, waste: Waste) -> str:
        layer = group.layers[0].layer
        kernel = f"kernel of {window(layer.kernel)}"
        feature_map = window([size or 1 for size in layer.input_feature_map])
        covers = f"covers the whole map of {feature_map} it gets ({shares(waste)})"
        image = pixels(at.resolution)
        if len(group.layers) == 1:
            return (
                f"{named(layer.name)} is a dense layer in disguise at {image} px: "
                f"its {kernel} {covers}"
            )
        return (
            f"{built_here(group)} are dense layers in disguise at {image} px: "
            f"the {kernel} of {named(layer.name)} {covers}"
        )

    def advice(self, subject: Subject, at: ResolutionReport, group: Group) -> str:
        del subject
        early = shrinking_layers(at.layers, group.layers[0])
        less = f" (lower the stride of {enumerate_words(map(named, early), 'or')})" if early else ""
        return (
            f"down-sample less in the layers before{less}, use larger images or a smaller kernel; "
            "if it is meant so, ignore RFA102 for this model"
        )
