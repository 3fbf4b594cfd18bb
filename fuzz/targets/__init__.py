"""One target a boundary: what a file or an argument of someone else goes through first.

Those that need a library which is not installed are left out, and ``MISSING`` says why.
"""

from __future__ import annotations

from importlib.util import find_spec

from fuzz.targets import baseline as baseline
from fuzz.targets import cache as cache
from fuzz.targets import configuration as configuration
from fuzz.targets import graph as graph
from fuzz.targets import options as options
from fuzz.targets import sarif as sarif
from fuzz.targets.base import TARGETS

__all__ = ["MISSING", "TARGETS"]

MISSING: dict[str, str] = {}
if find_spec("onnx"):
    from fuzz.targets import onnx as onnx
else:
    MISSING["onnx"] = "onnx is not installed"
