"""Reading and writing where data decide."""

from __future__ import annotations

from typing import Any

from rfa_core.frontends.tensorflow.reading import Reading, sampled
from rfa_core.frontends.tensorflow.registry import translates

_SAMPLES = {
    "TopK": "top-k chooses positions by their values",
    "TopKV2": "top-k chooses positions by their values",
    "NthElement": "the n-th element is chosen by values",
    "GatherNd": "computed indices say what is read",
    "Gather": "computed indices say what is read",
    "ScatterNd": "scatter writes to computed indices",
    "TensorScatterUpdate": "scatter writes to computed indices",
    "TensorScatterAdd": "scatter writes to computed indices",
    "TensorScatterSub": "scatter writes to computed indices",
    "TensorScatterMax": "scatter writes to computed indices",
    "TensorScatterMin": "scatter writes to computed indices",
    "CropAndResize": "crops are cut from boxes that data decide",
    "ImageProjectiveTransformV2": "a transformation reads positions that data decide",
    "ImageProjectiveTransformV3": "a transformation reads positions that data decide",
    "FractionalMaxPool": "fractional pooling draws its windows at random",
    "FractionalAvgPool": "fractional pooling draws its windows at random",
    "Where": "where chooses positions by their values",
    "Unique": "unique chooses positions by their values",
    "UniqueV2": "unique chooses positions by their values",
    "Multinomial": "positions are drawn by their values",
    "RandomShuffle": "positions are shuffled at random",
    "SegmentSum": "computed numbers say what is added to what",
    "UnsortedSegmentSum": "computed numbers say what is added to what",
    "UnsortedSegmentMax": "computed numbers say what is compared with what",
    "NonMaxSuppressionV3": "non-maximum suppression chooses boxes by their scores",
    "NonMaxSuppressionV5": "non-maximum suppression chooses boxes by their scores",
    "CombinedNonMaxSuppression": "non-maximum suppression chooses boxes by their scores",
}


@translates(*_SAMPLES)
def _sampled(reading: Reading, operation: Any) -> None:
    sampled(reading, operation, _SAMPLES[operation.type])
