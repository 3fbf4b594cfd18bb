"""Modules that tests make of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

nn = pytest.importorskip("torch").nn


class Do(nn.Module):
    """A function of tensors."""

    def __init__(self, run: Callable[..., Any]) -> None:
        super().__init__()
        self.run = run

    def forward(self, *tensors: Any) -> Any:
        return self.run(*tensors)
