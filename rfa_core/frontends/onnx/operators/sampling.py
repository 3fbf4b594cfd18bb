"""Reading where data decide."""

from __future__ import annotations

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.registry import MICROSOFT, Call, Results, UndecidedError, translates
from rfa_core.graph import operations as op

_SAMPLES = {
    "GridSample": "grid_sample reads positions that data decide",
    "AffineGrid": "an affine grid is computed from data",
    "RoiAlign": "RoI align reads boxes that data decide",
    "MaxRoiPool": "RoI pooling reads boxes that data decide",
    "MaxUnpool": "max_unpool writes where an earlier maximum was found",
    "TopK": "top-k chooses positions by their values",
    "Multinomial": "multinomial draws positions by their values",
    "TensorScatter": "values are written to computed places",
}
_CHOOSING = {
    "NonMaxSuppression": "non-maximum suppression chooses boxes by their scores",
    "NonZero": "nonzero chooses positions by their values",
    "Unique": "unique chooses positions by their values",
}
"""Operators whose results have a size that data decide, as a rule."""


@translates(*_SAMPLES)
def _sampled(draft: Draft, call: Call) -> Results:
    reason, kind = _SAMPLES[call.name], call.name.lower()
    return tuple(
        draft.add(op.Sample(reason), call.live, call.made(place), kind)
        for place in range(len(call.shapes))
    )


@translates("GridSample", "CropAndResize", domain=MICROSOFT)
def _sampled_of_microsoft(draft: Draft, call: Call) -> Results:
    if call.name == "CropAndResize":
        raise UndecidedError("boxes are cut out where data decide")
    (n, c, *_), (_, *sizes, _) = call.shape_of(0), call.shape_of(1)
    shape = (n, c, *sizes)
    return draft.add(op.Sample(_SAMPLES["GridSample"]), call.live, shape, "gridsample")


@translates(*_CHOOSING)
def _choosing(_draft: Draft, call: Call) -> Results:
    raise UndecidedError(_CHOOSING[call.name])
