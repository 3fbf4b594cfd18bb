"""For tests: the analysis of your own model held to a forward pass of it."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.agreement import Difference as Difference
from rfa_core.agreement import Outcome as Outcome
from rfa_core.agreement import Verification as Verification
from rfa_core.agreement import VerifiedLayer as VerifiedLayer
from rfa_core.api import verify_built
from rfa_core.frontends import InputShape as InputShape


def verify(
    model: object,
    resolution: int | str | Sequence[int] | None = None,
    *,
    input_shape: InputShape | None = None,
    every: bool = False,
) -> Verification:
    """Compare the local footprints that the analysis claims with what the NaN oracle sees.

    ``model`` runs on the CPU, some dozen times per axis, with NaN in a part of its input;
    weights that it does not have are replaced by small random ones. It is left as it was
    found. ``resolution`` (pixels) is the input to run on; None: per axis an input larger than
    the footprints along it, and narrow elsewhere. ``input_shape`` names the axes, as
    ``(1, 3, "H", "W")``, where the first layer does not tell. ``every`` pins the footprints
    of all elements of all tensors, with two passes per pixel, instead of some of every tensor.

    The shortest path is not checked: which path an influence took cannot be observed. The
    verdict is ``verify(model).agrees``; the result prints as text. Raises TraceError if the
    model cannot run, ResolutionError.

    Source: specification of the footprints in ``docs/semantics.md``.
    """
    return verify_built(model, resolution, input_shape=input_shape, every=every)
