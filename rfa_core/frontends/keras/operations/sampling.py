"""What data decide, and what sees everything."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.frontends.keras.calls import Call
from rfa_core.frontends.keras.registry import operation
from rfa_core.graph import operations as op

_SAMPLES = {
    "AffineTransform": "an affine transform reads positions that data decide",
    "Argpartition": "a partition orders positions by their values",
    "Argsort": "sort orders positions by their values",
    "ElasticTransform": "an elastic transform reads positions at random",
    "MapCoordinates": "map_coordinates reads positions that data decide",
    "PerspectiveTransform": "a perspective transform reads positions that data decide",
    "ScaleAndTranslate": "scale_and_translate reads positions that data decide",
    "Scatter": "scatter writes to computed indices",
    "ScatterUpdate": "scatter writes to computed indices",
    "SegmentMax": "segments are chosen by computed numbers",
    "SegmentMin": "segments are chosen by computed numbers",
    "SegmentProd": "segments are chosen by computed numbers",
    "SegmentSum": "segments are chosen by computed numbers",
    "Sort": "sort orders positions by their values",
    "TopK": "top-k chooses positions by their values",
    "Unique": "unique chooses positions by their values",
}


@operation(*_SAMPLES)
def _sample(call: Call) -> Sequence[str]:
    reason = _SAMPLES[type(call.operation).__name__]
    operands = list(call.operands())
    return [call.draft.add(op.Sample(reason), operands, one.shape, call.kind) for one in call.outs]


@operation(
    "Bincount", "Cholesky", "CholeskyInverse", "Corrcoef", "Correlate", "Det", "Eig", "Eigh",
    "Histogram", "Inv", "Logdet", "Lstsq", "LuFactor", "MatrixRank", "Pinv", "PSNR", "Qr", "SSIM",
    "SVD", "Slogdet", "Solve", "SolveTriangular", "Vdot",
)  # fmt: skip
def _everything(call: Call) -> Sequence[str]:
    operands = list(call.operands())
    return [call.draft.add(op.Everything(), operands, one.shape, call.kind) for one in call.outs]
