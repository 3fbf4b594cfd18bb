"""Translations of the ATen operations that vision models are made of, by family.

Importing the package registers all of them.
"""

from __future__ import annotations

from rfa_core.frontends.torch.operators import (
    contractions,
    elementwise,
    indexing,
    matrices,
    rearranging,
    sampling,
    sliding,
    windows,
)

FAMILIES = (
    windows, contractions, matrices, elementwise, indexing, rearranging, sliding, sampling,
)  # fmt: skip
