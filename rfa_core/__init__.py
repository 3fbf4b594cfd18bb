"""Receptive field analysis: find the layers that cannot add context, before training.

Everything public is an attribute of this package and is imported when first used, so that
``import rfa_core`` costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rfa_core.api import Analysis as Analysis
    from rfa_core.api import Outcome as Outcome
    from rfa_core.api import Session as Session
    from rfa_core.api import analyse as analyse
    from rfa_core.api import check as check
    from rfa_core.api import ranges as ranges
    from rfa_core.api import rank as rank
    from rfa_core.api import sweep as sweep
    from rfa_core.api import visualize_architecture as visualize_architecture
    from rfa_core.api import write_reports as write_reports
    from rfa_core.cache.watching import watch_imports as watch_imports
    from rfa_core.config.load import load_settings as load_settings
    from rfa_core.config.settings import Settings as Settings
    from rfa_core.discovery.candidates import Target as Target
    from rfa_core.errors import RfaError as RfaError
    from rfa_core.findings import Report as Report
    from rfa_core.frontends.custom import Graph as Graph
    from rfa_core.frontends.described import Everything as Everything
    from rfa_core.frontends.described import Pointwise as Pointwise
    from rfa_core.frontends.described import Sampled as Sampled
    from rfa_core.frontends.described import Window as Window
    from rfa_core.frontends.registering import layer_type as layer_type
    from rfa_core.frontends.registering import operation as operation
    from rfa_core.hookspecs import hookimpl as hookimpl
    from rfa_core.marking import model as model
    from rfa_core.receptive.resolution import Resolution as Resolution
    from rfa_core.receptive.resolution import parse_resolution as parse_resolution
    from rfa_core.report import FORMATS as FORMATS
    from rfa_core.report import RenderOptions as RenderOptions
    from rfa_core.report import render as render
    from rfa_core.search import Candidate as Candidate
    from rfa_core.search import Survey as Survey

__version__ = "0.1.0"

_HOME = {
    "Analysis": "rfa_core.api",
    "Candidate": "rfa_core.search",
    "Everything": "rfa_core.frontends.described",
    "FORMATS": "rfa_core.report",
    "Graph": "rfa_core.frontends.custom",
    "Pointwise": "rfa_core.frontends.described",
    "Sampled": "rfa_core.frontends.described",
    "Window": "rfa_core.frontends.described",
    "hookimpl": "rfa_core.hookspecs",
    "layer_type": "rfa_core.frontends.registering",
    "operation": "rfa_core.frontends.registering",
    "Outcome": "rfa_core.api",
    "RenderOptions": "rfa_core.report",
    "Report": "rfa_core.findings",
    "Resolution": "rfa_core.receptive.resolution",
    "RfaError": "rfa_core.errors",
    "Session": "rfa_core.api",
    "Settings": "rfa_core.config.settings",
    "Survey": "rfa_core.search",
    "Target": "rfa_core.discovery.candidates",
    "analyse": "rfa_core.api",
    "check": "rfa_core.api",
    "load_settings": "rfa_core.config.load",
    "model": "rfa_core.marking",
    "parse_resolution": "rfa_core.receptive.resolution",
    "ranges": "rfa_core.api",
    "rank": "rfa_core.api",
    "render": "rfa_core.report",
    "sweep": "rfa_core.api",
    "visualize_architecture": "rfa_core.api",
    "watch_imports": "rfa_core.cache.watching",
    "write_reports": "rfa_core.api",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
