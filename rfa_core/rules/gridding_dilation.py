"""RFA303."""

from __future__ import annotations

from typing import ClassVar

from rfa_core.findings import Severity
from rfa_core.receptive.facts import Holes
from rfa_core.rules.blame import Group
from rfa_core.rules.structural_rule import StructuralRule
from rfa_core.rules.verdict_rule import built_here
from rfa_core.rules.wording import named, on_axes


class GriddingDilation(StructuralRule[Holes]):
    """## What it does

    Finds dilated layers whose footprint has holes: input positions between its ends that no
    path reads, and that no later layer or parallel branch fills in. The positions are counted
    exactly, along the whole way from the image.

    ## Why is this bad?

    Neighbouring outputs are computed from different pixels and know nothing of each other's:
    the result shows a grid, and details that fall into the holes are not seen.

    ## Example

    ```python
    model = nn.Sequential(
        nn.Conv2d(3, 32, 3, dilation=2, padding=2),
        nn.Conv2d(32, 32, 3, dilation=2, padding=2),
        nn.Conv2d(32, 32, 3, dilation=2, padding=2),
    )
    ```

    The footprint spans 13 px, of which every second one is read: 7 on each axis, 49 of 169.

    ## Use instead

    Rates without a common factor that start small: 1, 2, 5 read all of their 17 px, and so do
    1, 2, 4, 8. A dilated layer behind layers whose footprint is wider than the step between
    two of its taps leaves no hole, nor do branches of several rates that fill each other's.

    The claim is about pixels of the image that cannot influence an output. A run of equal
    rates deep in a network, where footprints overlap, has no such holes and is not reported,
    though its features can still show a grid; neither is what comes after an irregular
    operation (fractional up-sampling, window attention).

    ## References

    - Wang, Chen, Yuan, Liu, Huang, Hou and Cottrell: *Understanding Convolution for Semantic
      Segmentation*, WACV 2018.
    - Yu, Koltun and Funkhouser: *Dilated Residual Networks*, CVPR 2017.
    """

    code: ClassVar[str] = "RFA303"
    name: ClassVar[str] = "gridding-dilation"
    severity: ClassVar[Severity] = Severity.WARNING
    kind = Holes

    def message(self, group: Group) -> str:
        judged, fact = self.facts(group)[-1]
        several = f"{built_here(group)} leave holes: " if len(group.layers) > 1 else ""
        return (
            f"{several}{named(judged.layer.name)} reads {on_axes(_shares(fact))} of its footprint, "
            "and no later layer fills the holes"
        )

    def advice(self, group: Group) -> str:
        del group
        return "use rates without a common factor that start small (1, 2, 5), or a smaller rate"


def _shares(fact: Holes) -> list[str | None]:
    """``7 of the 13 px`` where an axis has holes."""
    return [
        f"{read} of the {span} px" if read < span else None
        for read, span in zip(fact.read, fact.span, strict=True)
    ]
