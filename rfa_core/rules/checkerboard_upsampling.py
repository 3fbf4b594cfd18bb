"""RFA302."""

from __future__ import annotations

from typing import ClassVar

from rfa_core.findings import Severity
from rfa_core.receptive.facts import UnevenSamples
from rfa_core.rules.blame import Group
from rfa_core.rules.structural_rule import StructuralRule
from rfa_core.rules.verdict_rule import built_here
from rfa_core.rules.wording import enumerate_words, named, on_axes, window


class CheckerboardUpsampling(StructuralRule[UnevenSamples]):
    """## What it does

    Finds transposed convolutions whose stride does not divide their kernel: neighbouring
    outputs read different numbers of inputs. With a dilation it counts the taps that fall on
    each output.

    ## Why is this bad?

    Outputs that sum more inputs come out stronger, in the pattern of a checkerboard. Weights
    can learn to balance it, but seldom do. With a kernel smaller than the stride some outputs
    read nothing at all but the bias.

    ## Example

    ```python
    up = nn.ConvTranspose2d(64, 32, kernel_size=3, stride=2, padding=1, output_padding=1)
    ```

    On each axis outputs read one input and two in turn, so one, two or four in the plane.

    ## Use instead

    ```python
    up = nn.ConvTranspose2d(64, 32, kernel_size=4, stride=2, padding=1)  # two each
    up = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(64, 32, 3, padding=1))
    ```

    A kernel that the stride divides reads evenly; resizing before a convolution avoids the
    question.

    ## References

    - Odena, Dumoulin and Olah: *Deconvolution and Checkerboard Artifacts*, Distill 2016.
    - Aitken, Ledig, Theis, Caballero, Wang and Shi: *Checkerboard Artifact Free Sub-pixel
      Convolution*, arXiv 1707.02937, 2017.
    """

    code: ClassVar[str] = "RFA302"
    name: ClassVar[str] = "checkerboard-upsampling"
    severity: ClassVar[Severity] = Severity.WARNING
    kind = UnevenSamples

    def message(self, group: Group) -> str:
        judged, fact = self.facts(group)[0]
        layer = judged.layer
        several = f"{built_here(group)} up-sample unevenly: " if len(group.layers) > 1 else ""
        dilation = f", dilation {window(layer.dilation)}" if max(layer.dilation) > 1 else ""
        return (
            f"{several}the outputs of {named(layer.name)} read {on_axes(_counts(fact))} "
            f"(kernel {window(layer.kernel)}, stride {window(layer.stride)}{dilation})"
        )

    def advice(self, group: Group) -> str:
        del group
        return "use a kernel that the stride divides, or resize and then convolve"


def _counts(fact: UnevenSamples) -> list[str | None]:
    """``1 or 2 inputs in turn`` where an axis is uneven."""
    return [
        f"{enumerate_words(map(str, sorted(set(phases))), 'or')} inputs in turn"
        if len(set(phases)) > 1
        else None
        for phases in fact.phases
    ]
