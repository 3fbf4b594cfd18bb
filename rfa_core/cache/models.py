"""Models that were analysed before: kept, and found again as long as nothing changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from time import time_ns
from typing import Any

from rfa_core.cache.container import NoEntryError
from rfa_core.cache.dependencies import Dependencies, as_json, from_json
from rfa_core.cache.folder import Folder
from rfa_core.cache.values import Reader, Writer
from rfa_core.cache.watching import WATCH
from rfa_core.errors import InvalidGraphError
from rfa_core.findings import ModelReport
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph

KIND = "models"
_DEPENDENCIES, _REPORT, _GRAPH = range(3)


@dataclass(slots=True)
class Models:
    """The models of the project at ``root`` (absolute) that ``folder`` knows."""

    folder: Folder
    root: str

    def recall(self, key: str, *, drawn: bool) -> ModelReport | None:
        """The report of a model that did not change, with its graph if it is ``drawn``."""
        known = self.folder.read(KIND, key, [_DEPENDENCIES])
        if known is None:
            return None
        try:
            dependencies = from_json(known[0])
            if not dependencies.hold(self.root):
                return None
            wanted = [_DEPENDENCIES, _REPORT, _GRAPH] if drawn else [_DEPENDENCIES, _REPORT]
            sections = self.folder.read(KIND, key, wanted)
            if sections is None or sections[0] != known[0]:  # another run has replaced it
                return None
            report = _read(ModelReport, sections[1], self.root)
            if drawn:
                graph: Graph = _read(Graph, sections[2], self.root)
                lint(graph)
                report = replace(report, graph=graph)
        except (NoEntryError, InvalidGraphError, TypeError, ValueError):
            return None
        self.folder.touch(KIND, key)
        found: ModelReport = report
        return found

    def keep(self, key: str, readers: Iterable[str], report: ModelReport) -> str:
        """Keep what was found out about a model, from all that ``readers`` read; returns why it
        cannot be written."""
        dependencies = WATCH.dependencies(readers, self.root, time_ns())
        if dependencies is None or report.graph is None:
            return ""
        sections = (
            as_json(dependencies),
            _written(replace(report, graph=None), self.root),
            _written(report.graph, self.root),
        )
        return self.folder.write(KIND, key, sections)

    def dependencies(self, key: str, report: ModelReport) -> Dependencies | None:
        """What the entry of a model depends on, be it as it was or not; None if the entry does not
        say what ``report`` does: another run may have replaced it."""
        known = self.folder.read(KIND, key, [_DEPENDENCIES, _REPORT])
        try:
            if known is None or _read(ModelReport, known[1], self.root) != report:
                return None
            return from_json(known[0])
        except (NoEntryError, TypeError, ValueError):
            return None


def _written(value: object, root: str) -> Any:
    writer = Writer(root)
    body = writer.write(value)
    return [writer.shared, body]


def _read(kind: Any, section: Any, root: str) -> Any:
    try:
        shared, body = section
    except (TypeError, ValueError) as error:
        raise NoEntryError(str(error)) from error
    return Reader(root, shared).read(kind, body)
