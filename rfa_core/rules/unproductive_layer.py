"""RFA101."""

from __future__ import annotations

from typing import ClassVar

from rfa_core.findings import JudgedLayer, ModelReport, Repair, ResolutionReport, Severity, Waste
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.base import Subject
from rfa_core.rules.blame import Group
from rfa_core.rules.verdict_rule import VerdictRule, built_here, shrinking_layers
from rfa_core.rules.wording import count, enumerate_words, named, pixels, shares


class UnproductiveLayer(VerdictRule):
    """## What it does

    Finds layers past the border: on every axis their input already sees the whole image
    along its shortest path, and their own footprint is larger than the image. The first such
    layer is the *border layer*.

    ## Why is this bad?

    A layer extracts new features by relating parts of the image that no layer before it saw
    together. Past the border nothing is left to relate: every feature that arrives was made
    from all of the image. Richter et al. measured that such layers of image classifiers improve
    neither the accuracy nor what linear probes can read from the features, while they cost
    parameters and time like all others. In a measurement of this project the first one to four
    of them were still of use: read the verdict as "from here on", and see the page *Evidence*.

    ## Example

    An ImageNet ResNet-18 on 64-pixel images. After its stem (7x7, stride 2, then a max-pool
    of stride 2) every step to the side is four pixels wide, before the first block begins.

    ```python
    model = torchvision.models.resnet18()  # checked at 64 px
    ```

    `layer4.1.conv2` receives 75 px along its shortest path: more than the 64 there are. It
    holds 2,359,296 of the 11,689,512 parameters (20 %). At 32 px two more layers pass the
    border (they receive 43 px), and 45 % of the parameters are dead weight.

    ## Use instead

    Let the footprint grow later: lower the stride of the stem or remove its pooling.

    ```python
    model = torchvision.models.resnet18()
    model.conv1 = nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1, bias=False)
    model.maxpool = nn.Identity()
    ```

    Or drop the layers past the border and save their cost, or use larger images: this model
    has no unproductive layer from 76 px on. `rfa suggest` searches for such edits and says what
    each costs and brings.

    A tie (an input that sees exactly the image) counts as past the border; with
    `tie = "productive"` it does not, which is the strict rule of the papers.

    ## References

    - Richter, Byttner, Krumnack, Wiedenroth, Schallner and Shenk: *(Input) Size Matters for
      CNN Classifiers*, ICANN 2021.
    - Richter, Schöning, Wiedenroth and Krumnack: *Should You Go Deeper? Optimizing
      Convolutional Neural Network Architectures without Training*, ICMLA 2021.
    - Richter and Pal: *Receptive Field Refinement for Convolutional Neural Networks Reliably
      Improves Predictive Performance*, arXiv 2211.14487, 2022.
    """

    code: ClassVar[str] = "RFA101"
    name: ClassVar[str] = "unproductive-layer"
    severity: ClassVar[Severity] = Severity.ERROR
    verdict: ClassVar[Verdict] = Verdict.UNPRODUCTIVE

    def message(self, at: ResolutionReport, group: Group, waste: Waste) -> str:
        first = min(group.layers, key=_received)
        border = at.with_verdict(self.verdict)[0]
        received = pixels(first.layer.input.min)
        image = pixels(at.resolution)
        if len(group.layers) == 1:
            start = f"{named(first.layer.name)} is past the border at {image} px: "
            start += f"its input already sees {received} px, all of the image"
        else:
            start = f"{built_here(group)} are past the border at {image} px: "
            layer = named(first.layer.name) + (", the border layer," if first is border else "")
            start += f"{layer} already receives {received} px, all of the image, "
            start += f"and so {_do(len(group.layers) - 1)}"
        where = _border(border, first, group)
        return f"{start}{_ties(group)}{where}; {shares(waste)} are dead weight"

    def advice(self, subject: Subject, at: ResolutionReport, group: Group) -> str:
        start = _repaired(at.repair) if at.repair else _grow_later(at, self.verdict)
        return (
            f"{start} or drop "
            f"{'this layer' if len(group.layers) == 1 else 'these layers'}"
            f"{_larger_images(subject.model)}"
        )


def _grow_later(at: ResolutionReport, verdict: Verdict) -> str:
    early = shrinking_layers(at.layers, at.with_verdict(verdict)[0])
    if not early:
        return "let the footprint grow later,"
    undone = ", and the up-sampling that undoes it" if any(map(_doubles, at.layers)) else ""
    strides = enumerate_words(map(named, early), "or")
    return f"let the footprint grow later (lower the stride of {strides}{undone}),"


def _doubles(judged: JudgedLayer) -> bool:
    """Whether the layer makes a map of at least twice the size, as the decoder of a U-Net does."""
    maps = zip(judged.layer.input_feature_map, judged.layer.feature_map, strict=False)
    return any(before and after and after >= 2 * before for before, after in maps)


def _repaired(repair: Repair) -> str:
    layers = enumerate_words(map(named, repair.layers))
    changed = f"{repair.before} -> {repair.after} of {layers}"
    change = changed if repair.after else f"without {layers}"
    place = f" ({repair.file}:{repair.line})" if repair.file else ""
    return (
        f"try {change}{place}: {repair.unproductive} -> {repair.left} unproductive, "
        f"MACs x{repair.macs:.2g} (`rfa suggest` lists more);"
    )


def _received(judged: JudgedLayer) -> float:
    sizes = judged.layer.input.min
    return max(float("inf") if size is None else size for size in sizes)


def _do(others: int) -> str:
    return "does 1 more" if others == 1 else f"do {others} more"


def _ties(group: Group) -> str:
    ties = sum(judged.tie for judged in group.layers)
    if not ties:
        return ""
    number = "" if len(group.layers) == 1 else f" for {count(ties, 'layer')}"
    return f'; a tie decides{number} (tie = "productive" lets it pass)'


def _border(border: JudgedLayer, first: JudgedLayer, group: Group) -> str:
    if first is not border:
        return f"; the border is at {named(border.layer.name)}"
    return "; it is the border layer" if len(group.layers) == 1 else ""


def _larger_images(model: ModelReport) -> str:
    if model.range is None or all(size is None for size in model.range.min_resolution):
        return ""
    smallest = pixels(model.range.min_resolution, unlimited="any")
    return f", or use images of at least {smallest} px: from there on no layer is unproductive"
