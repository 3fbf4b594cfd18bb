"""Models that were analysed before: kept, and found again as long as nothing changed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from time import time_ns
from typing import Any

from rfa_core import __version__
from rfa_core.cache.container import NoEntryError
from rfa_core.cache.dependencies import Dependencies, Stamp
from rfa_core.cache.folder import Folder, key_of
from rfa_core.cache.origins import INSTALLED, origin
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
    """The models of the project at ``root`` (absolute) that ``folder`` knows; ``used`` has what
    those found or kept in this run depend on, by their keys."""

    folder: Folder
    root: str
    used: dict[str, Dependencies] = field(default_factory=dict)

    def recall(self, key: str, *, drawn: bool) -> ModelReport | None:
        """The report of a model that did not change, with its graph if it is ``drawn``."""
        known = self.folder.read(KIND, key, [_DEPENDENCIES])
        if known is None:
            return None
        try:
            dependencies = read_dependencies(known[0])
            if not dependencies.hold(self.root):
                return None
            sections = self.folder.read(KIND, key, [_REPORT, _GRAPH] if drawn else [_REPORT])
            if sections is None:
                return None
            report = _read(ModelReport, sections[0], self.root)
            if drawn:
                graph: Graph = _read(Graph, sections[1], self.root)
                lint(graph)
                report = replace(report, graph=graph)
        except (NoEntryError, InvalidGraphError, TypeError, ValueError):
            return None
        self.folder.touch(KIND, key)
        self.used[key] = dependencies
        found: ModelReport = report
        return found

    def keep(self, key: str, readers: Iterable[str], report: ModelReport) -> None:
        """Keep what was found out about a model, from all that ``readers`` read."""
        dependencies = WATCH.dependencies(readers, self.root, time_ns())
        if dependencies is None or report.graph is None:
            return
        sections = (
            written_dependencies(dependencies),
            _written(replace(report, graph=None), self.root),
            _written(report.graph, self.root),
        )
        if not self.folder.write(KIND, key, sections):
            self.used[key] = dependencies


def model_key(*facts: object) -> str:
    """The key of a model's analysis that is settled by ``facts``, this tool and this Python."""
    return key_of(__version__, _own_sources(), sys.version, *facts)


def written_dependencies(all_of_it: Dependencies) -> Any:
    """``all_of_it`` as a value of JSON."""
    return [
        {path: [one.size, one.changed, one.digest] for path, one in all_of_it.files.items()},
        {path: [one.size, one.changed, one.digest] for path, one in all_of_it.folders.items()},
        dict(all_of_it.variables),
        dict(all_of_it.versions),
        dict(all_of_it.places),
        all_of_it.taken,
    ]


def read_dependencies(value: Any) -> Dependencies:
    """What ``written_dependencies`` wrote. Raises NoEntryError."""
    try:
        files, folders, variables, versions, places, taken = value
        return Dependencies(
            {path: _stamp(*one) for path, one in files.items()},
            {path: _stamp(*one) for path, one in folders.items()},
            _texts(variables),
            _texts(versions),
            {path: int(at) for path, at in places.items()},
            int(taken),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise NoEntryError(str(error)) from error


def _stamp(size: int, changed: int, digest: str) -> Stamp:
    return Stamp(int(size), int(changed), str(digest))


def _texts(value: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: one if one is None else str(one) for name, one in value.items()}


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


@cache
def _own_sources() -> tuple[int, int]:
    """What tells two states of this tool apart that have the same version: a working copy."""
    home = Path(__file__).parent.parent
    if origin(__file__) == INSTALLED:
        return 0, 0
    times = [
        os.stat(os.path.join(folder, name)).st_mtime_ns
        for folder, _, names in os.walk(home)
        for name in names
        if name.endswith(".py")
    ]
    return len(times), max(times)
