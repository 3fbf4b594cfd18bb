"""Models made of a few nodes, and what a runtime makes of them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

NEEDED = ("onnx", "onnxruntime")
collect_ignore_glob = [] if all(map(importlib.util.find_spec, NEEDED)) else ["test_*.py"]


@pytest.fixture
def layers_of() -> Callable[..., dict[str, Any]]:
    """The layers of an ONNX model by name, at a resolution."""
    from rfa_core.api import analyse

    def layers(model: Any, resolution: int = 32) -> dict[str, Any]:
        return {one.layer.name: one.layer for one in analyse(model, resolution).layers}

    return layers
