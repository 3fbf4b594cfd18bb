"""The findings that a project has accepted: a file that is read, shown, written and pruned."""

from __future__ import annotations

from rfa_core.baseline.file import read_baseline, render_baseline, write_baseline
from rfa_core.baseline.values import NAME, Baseline

__all__ = ["NAME", "Baseline", "read_baseline", "render_baseline", "write_baseline"]
