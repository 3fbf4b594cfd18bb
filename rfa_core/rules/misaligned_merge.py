"""RFA304."""

from __future__ import annotations

from typing import ClassVar

from rfa_core.findings import Severity
from rfa_core.receptive.facts import Misalignment
from rfa_core.rules.blame import Group
from rfa_core.rules.structural_rule import StructuralRule
from rfa_core.rules.wording import named, on_axes


class MisalignedMerge(StructuralRule[Misalignment]):
    """## What it does

    Finds additions and concatenations of branches whose footprints are not centred on the
    same point: element by element, they describe different places of the image. It reports
    how far apart the centres are, in pixels of the image.

    ## Why is this bad?

    The merge mixes features of shifted places, and later layers have to undo the shift. It is
    seldom meant: an even kernel that is padded by different amounts on its two sides, a skip
    connection cropped at the wrong place, a shortcut that takes the odd rows.

    ## Example

    ```python
    def forward(self, x):  # self.conv is nn.Conv2d(64, 64, 4, padding="same")
        return x + self.conv(x)
    ```

    A kernel of 4 reads one position before and two behind: its centre is half a step beside
    that of the shortcut. A chain of such layers drifts further with each.

    ## Use instead

    Odd kernels, or even ones in pairs that are padded on opposite sides; crops of the same
    number of rows on both sides.

    Less than half a step of the coarsest map that meets counts as aligned: average pooling of
    2x2 beside a strided convolution, or a map that was up-sampled and added to a finer one.
    Footprints that begin or end at the same position along one axis only are taken for
    causal, as in temporal convolutions padded on one side, and pass; so do the phases of one
    tensor put side by side (space-to-depth). A network that shifts its channels on purpose is
    reported: ignore the rule there.

    ## References

    - Araujo, Norris and Sim: *Computing Receptive Fields of Convolutional Neural Networks*,
      Distill 2019 (on the alignment of branches).
    - Wu, Wang, Tang, Chen and Shi: *Convolution with Even-sized Kernels and Symmetric
      Padding*, NeurIPS 2019.
    """

    code: ClassVar[str] = "RFA304"
    name: ClassVar[str] = "misaligned-merge"
    severity: ClassVar[Severity] = Severity.WARNING
    kind = Misalignment

    def message(self, group: Group) -> str:
        judged, fact = max(self.facts(group), key=lambda pair: sum(pair[1].pixels))
        apart = on_axes([f"{float(size):g} px" if size else None for size in fact.pixels])
        more = len(group.layers) - 1
        several = f" (and {more} more here)" if more else ""
        return (
            f"the branches that meet in {named(judged.layer.name)}{several} are centred {apart} "
            "apart"
        )

    def advice(self, group: Group) -> str:
        del group
        return "pad and crop by the same amount on both sides, or use odd kernels"
