"""Translations of ONNX's operators, and of those that its optimisers write, by family.

Importing the package registers all of them.
"""

from __future__ import annotations

from rfa_core.frontends.onnx.operators import (
    contractions,
    elementwise,
    indexing,
    rearranging,
    recurrent,
    resampling,
    sampling,
    windows,
)

FAMILIES = (
    windows, contractions, elementwise, indexing, rearranging, resampling, sampling, recurrent,
)  # fmt: skip
