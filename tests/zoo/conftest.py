"""Published and measured numbers, and the way from a torchvision name to its report."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from rfa_core.api import check
from rfa_core.config.settings import Settings
from rfa_core.findings import ModelReport
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.resolution import Resolution

DATA = Path(__file__).parent / "data"
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def published() -> dict[str, Any]:
    """Receptive fields as papers and their code state them."""
    loaded: dict[str, Any] = json.loads((DATA / "published.json").read_text())
    return loaded


@pytest.fixture(scope="session")
def measured() -> dict[str, Any]:
    """Every convolution and pooling layer of some torchvision models."""
    loaded: dict[str, Any] = json.loads((DATA / "torchvision-footprints.json").read_text())
    return loaded["models"]


@pytest.fixture
def report_of() -> Callable[[str, int], ModelReport]:
    """The report of a torchvision model at a resolution."""
    return _report_of


@pytest.fixture
def layers_of() -> Callable[[str, int], dict[str, Layer]]:
    """The layers of a torchvision model by name, in order."""

    def layers(name: str, resolution: int) -> dict[str, Layer]:
        judged = _report_of(name, resolution).resolutions[0].layers
        return {one.layer.name: one.layer for one in judged}

    return layers


@lru_cache(maxsize=32)
def _report_of(name: str, resolution: int) -> ModelReport:
    settings = Settings(root=str(Path.cwd()), resolutions=(Resolution((resolution,)),))
    return check([f"torchvision:{name}"], settings).models[0]
