"""Translations of the ATen operations that vision models are made of, by family.

Importing the package registers all of them.
"""

from __future__ import annotations

from rfa_core.frontends.torch.operators import (
    complex_numbers,
    contractions,
    elementwise,
    indexing,
    matrices,
    quantised,
    rearranging,
    sampling,
    sliding,
    windows,
)

FAMILIES = (
    windows, contractions, matrices, elementwise, indexing, rearranging, sliding, sampling,
    complex_numbers, quantised,
)  # fmt: skip
