"""RFA301."""

from __future__ import annotations

from math import prod
from typing import ClassVar

from rfa_core.findings import Severity
from rfa_core.receptive.facts import SkippedPositions as Fact
from rfa_core.rules.blame import Group
from rfa_core.rules.structural_rule import StructuralRule
from rfa_core.rules.verdict_rule import built_here
from rfa_core.rules.wording import named, window


class SkippedPositions(StructuralRule[Fact]):
    """## What it does

    Finds convolutions and poolings whose stride is larger than their kernel, so that positions
    inside the map are never read. A dilated kernel can skip some at a smaller stride. It says
    whether another layer reads the rest of the same tensor.

    ## Why is this bad?

    Features are computed and thrown away, and what is left is sampled without any smoothing:
    it changes abruptly when the image moves by a pixel. Where another branch reads the rest,
    as in the residual blocks of a ResNet, the network as a whole loses nothing, but the
    shortcut still sees a quarter of the map only, and averaging instead was measured to be
    better.

    ## Example

    ```python
    model = torchvision.models.resnet18()
    ```

    `layer2.0.downsample.0`, a 1x1 convolution of stride 2, reads one of four positions; the
    3x3 convolution beside it reads the others.

    ## Use instead

    ```python
    downsample = nn.Sequential(
        nn.AvgPool2d(2, ceil_mode=True),
        nn.Conv2d(64, 128, 1, bias=False),
    )  # the shortcut of ResNet-D
    ```

    Or a kernel at least as large as the stride. Patch embeddings (16x16, stride 16) read all.

    ## References

    - He, Zhang, Zhang, Zhang, Xie and Li: *Bag of Tricks for Image Classification with
      Convolutional Neural Networks*, CVPR 2019 (section 4: ResNet-B and ResNet-D).
    - Zhang: *Making Convolutional Networks Shift-Invariant Again*, ICML 2019.
    """

    code: ClassVar[str] = "RFA301"
    name: ClassVar[str] = "skipped-positions"
    severity: ClassVar[Severity] = Severity.INFO
    kind = Fact

    def message(self, group: Group) -> str:
        judged, fact = min(self.facts(group), key=lambda pair: pair[1].elsewhere)
        layer, read = judged.layer, prod(fact.read)
        several = f"{built_here(group)} skip positions: " if len(group.layers) > 1 else ""
        dilation = f", dilation {window(layer.dilation)}" if max(layer.dilation) > 1 else ""
        rest = "other layers read the rest" if fact.elsewhere else "nothing else reads the rest"
        return (
            f"{several}{named(layer.name)} reads {read.numerator} of {read.denominator} positions "
            f"of its map (kernel {window(layer.kernel)}, stride {window(layer.stride)}{dilation}); "
            f"{rest}"
        )

    def advice(self, group: Group) -> str:
        if all(fact.elsewhere for _, fact in self.facts(group)):
            return "nothing has to change; averaging before a stride of 1 would use the whole map"
        return "make the kernel as large as the stride, or pool before a stride of 1"
