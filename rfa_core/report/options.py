"""How a report is to look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """Options of the renderers; formats for machines need none of them.

    ``width`` is in columns. ``verbose``: whole blocks for infos, tracebacks, what was
    skipped. ``quiet``: findings and nothing else. ``statistics``: how often each rule was
    broken. ``show_ranges``: no resolution is known; list the feasible ranges instead.
    ``prefix`` is the way from the repository to the project, ending in a slash, for formats
    that need paths of the repository; ``blob`` the address that these are below, if it is known.
    ``limit`` is the length of Markdown in bytes; a comment of GitHub takes no more than the
    default.
    """

    color: bool = False
    width: int = 100
    verbose: bool = False
    quiet: bool = False
    statistics: bool = False
    show_ranges: bool = False
    prefix: str = ""
    blob: str = ""
    limit: int = 65_536
