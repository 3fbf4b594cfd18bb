"""The comments that a model meets, and what they silence of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rfa_core.findings import Concern, ModelReport
from rfa_core.graph.model import Location
from rfa_core.ignores.comments import Ignore
from rfa_core.ignores.structure import inside
from rfa_core.receptive.layers import Layer

Lines = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Met:
    """A comment in a file (absolute) that the code of a model runs through."""

    file: str
    ignore: Ignore


@dataclass(frozen=True, slots=True)
class Use:
    """What one model makes of a comment: which rules were run, and which it silenced."""

    met: Met
    ran: frozenset[str]
    silenced: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ignores:
    """The comments that one model meets: those about all of it, and those about each layer."""

    met: tuple[Met, ...] = ()
    whole: tuple[Met, ...] = ()
    layers: Mapping[str, tuple[Met, ...]] = field(default_factory=dict)

    def silent(self, concern: Concern) -> bool:
        """Whether a comment says not to report it."""
        return any(True for _ in self._silencing(concern))

    def uses(self, found: Iterable[Concern], ran: Collection[str]) -> tuple[Use, ...]:
        """What became of each comment, if ``found`` is all that the rules ``ran`` have to say."""
        silenced: dict[Met, set[str]] = {met: set() for met in self.met}
        for concern in found:
            for met in self._silencing(concern):
                silenced[met].add(concern.rule)
        codes = frozenset(ran)
        return tuple(Use(met, codes, frozenset(rules)) for met, rules in silenced.items())

    def _silencing(self, concern: Concern) -> Iterator[Met]:
        for met in (*self.whole, *self.layers.get(concern.layer or "", ())):
            if concern.rule in met.ignore.codes:
                yield met


def ignores_of(model: ModelReport, root: str, read: Callable[[str], tuple[Ignore, ...]]) -> Ignores:
    """The comments that ``model`` meets; ``read`` yields those of a file (absolute path)."""
    lines = {
        judged.layer.name: _lines(judged.layer)
        for at in reversed(model.resolutions)
        for judged in at.layers
    }
    factory = _factory(model, root)
    visited = frozenset().union(*lines.values(), factory)
    files = sorted({file for file, _ in visited})
    known = [Met(file, ignore) for file in files for ignore in read(file)]
    met = tuple(one for one in known if _runs_through(one.ignore, _of(visited, one.file)))
    return Ignores(
        met,
        tuple(one for one in met if _is_about(one, factory)),
        {name: tuple(one for one in met if _covers(one, own)) for name, own in lines.items()}
        if met
        else {},
    )


def _lines(layer: Layer) -> Lines:
    """Where the layer was constructed, and where it was called."""
    places: tuple[Location | None, ...] = (*layer.constructed, layer.called)
    return frozenset((place.file, place.line) for place in places if place)


def _factory(model: ModelReport, root: str) -> Lines:
    if model.file is None or model.line is None:
        return frozenset()
    return frozenset({(str(Path(root) / model.file), model.line)})


def _of(lines: Lines, file: str) -> list[int]:
    return [line for name, line in lines if name == file]


def _runs_through(ignore: Ignore, visited: Collection[int]) -> bool:
    """Whether the code that the comment stands in is run; a definition, whether it is."""
    if any(map(ignore.covers, visited)):
        return True
    return not ignore.heads and any(inside(ignore.within, line) for line in visited)


def _is_about(met: Met, factory: Lines) -> bool:
    return any(inside(met.ignore.statement, line) for line in _of(factory, met.file))


def _covers(met: Met, lines: Lines) -> bool:
    return any(met.ignore.covers(line) for line in _of(lines, met.file))
