"""The folder's own helpers, and those of ``receptive``, can be imported."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "receptive"))
sys.path.insert(0, str(Path(__file__).parent))
