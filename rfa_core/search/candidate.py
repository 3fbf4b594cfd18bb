"""A custom graph that is changed, layer by layer, and judged at many resolutions at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from rfa_core.closest import closest
from rfa_core.examination import Examination, examine
from rfa_core.findings import ResolutionReport
from rfa_core.frontends import frontend_of
from rfa_core.frontends.custom.layers import Layer, checked_layer, invalid, read_options, shown_name
from rfa_core.frontends.custom.network import Graph
from rfa_core.receptive.along import IrregularError
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.regular import Part, Regular
from rfa_core.receptive.resolution import Resolution, parse_resolution
from rfa_core.search.steps import is_unpadded_pool, step_of
from rfa_core.search.survey import Survey, completed, long_survey, short_survey

Changes = Mapping[str, Mapping[str, Any]]
"""Layers by name, and the options that change."""


class Candidate:
    """A custom graph, prepared for being changed and judged again thousands of times.

    ::

        base = rfa.Candidate(net)
        wider = base.changed({"conv3": {"kernel": 5}, "down2": {"stride": 1}})
        wider.survey(range(32, 257, 32)).count("unproductive")

    Networks of convolutions, poolings, norms, activations, sums, products, concatenations, gates
    and dense layers are ``regular``: their footprints do not depend on the resolution, and only
    what comes after a change is worked out again. All others are analysed as a whole at every
    resolution: slower by orders of magnitude, and no less exact. Raises InvalidGraphError for a
    network with mistakes.
    """

    __slots__ = ("_layers", "_regular", "axes", "name", "policy")

    def __init__(self, network: Graph, policy: Policy | None = None) -> None:
        self.name, self.axes, self.policy = network.name, network.axes, policy or Policy()
        self._layers = {layer.name: layer for layer in network.in_order()}
        self._regular = _regular(self._layers, self.axes)

    @property
    def regular(self) -> bool:
        """Whether footprints are the same at every resolution, so that analyses are short."""
        return self._regular is not None

    @property
    def graph(self) -> Graph:
        """The network as it is now, to be saved or analysed."""
        return Graph.of_layers(self.name, self.axes, self._layers.values())

    def changed(self, changes: Changes) -> Candidate:
        """The network with other options in some layers; this one stays as it is.

        Raises InvalidGraphError for layers that do not exist and options that are impossible.
        """
        layers = dict(self._layers)
        problems = [
            f"{shown_name(name)}: {problem}"
            for name, options in changes.items()
            for problem in _change(layers, name, options, self.axes)
        ]
        if problems:
            raise invalid(self.name, problems)
        made = object.__new__(Candidate)
        made.name, made.axes, made.policy, made._layers = self.name, self.axes, self.policy, layers
        made._regular = _again(self._regular, layers, changes, self.axes)
        return made

    def survey(self, resolutions: Iterable[int | str | Sequence[int]]) -> Survey:
        """What the network is at each of ``resolutions``, written as for ``rfa.analyse``.

        Raises ResolutionError for one that is malformed or has the wrong number of axes,
        TraceError if the network runs at no resolution near one of them.
        """
        wanted = [
            (_parsed if isinstance(one, (int, str)) else parse_resolution)(one).for_axes(self.axes)
            for one in resolutions
        ]
        if self._regular is not None and wanted:
            try:
                short = short_survey(self._regular, wanted, self.policy)
            except IrregularError:
                pass
            else:
                return short if short.short.all() else completed(short, self._examined)
        names = tuple(layer.name for layer in self._layers.values() if layer.type != "input")
        return long_survey(names, wanted, self._examined)

    def _examined(self, sizes: tuple[int, ...]) -> tuple[int, ResolutionReport]:
        """The network's parameters, and what the whole analysis says of it at ``sizes``."""
        graph = self.graph
        frontend = frontend_of(graph)
        (spec,) = frontend.guess_inputs(graph)
        root = str(Path.cwd())
        examination = Examination(frontend, graph, spec, self.name, {}, root, self.policy)
        model = examine(examination, [Resolution(sizes)])
        return model.parameters, model.resolutions[0]

    def __repr__(self) -> str:
        return f"<rfa.Candidate {self.name}: {len(self._layers)} layers>"


_parsed = lru_cache(maxsize=4096, typed=True)(parse_resolution)


def _change(
    layers: dict[str, Layer], name: str, options: Mapping[str, Any], axes: int
) -> list[str]:
    """Give a layer other options; returns what is wrong with that."""
    if name not in layers:
        near = closest(name, layers) if isinstance(name, str) else None
        return ["there is no such layer" + (f"; did you mean {near}?" if near else "")]
    old = layers[name]
    given = {**old.options, **options}
    kind, problems = checked_layer(name, old.type, given, axes)
    if kind is not None and not problems:
        made = read_options(kind, given, axes)
        layers[name] = Layer(name, old.type, old.after, made, old.lines)
    return problems


def _regular(layers: Mapping[str, Layer], axes: int) -> Regular | None:
    places = {name: place for place, name in enumerate(layers)}
    try:
        return Regular.of(
            [
                Part(
                    name,
                    step_of(layer, axes),
                    tuple(places[source] for source in layer.after),
                    is_unpadded_pool(layer),
                )
                for name, layer in layers.items()
            ]
        )
    except IrregularError:
        return None


def _again(
    before: Regular | None, layers: Mapping[str, Layer], changes: Changes, axes: int
) -> Regular | None:
    """The regular form after ``changes``; worked out anew where there was none."""
    if before is None:
        return _regular(layers, axes)
    parts = {}
    for place, name in enumerate(layers):
        if name in changes:
            layer, sources = layers[name], before.parts[place].sources
            try:
                parts[place] = Part(name, step_of(layer, axes), sources, is_unpadded_pool(layer))
            except IrregularError:
                return None
    try:
        return before.changed(parts)
    except IrregularError:
        return None
