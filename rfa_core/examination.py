"""One built model, all the way to its report: traced, analysed and judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rfa_core.findings import (
    JudgedLayer,
    ModelReport,
    Range,
    ResolutionReport,
    Unsupported,
    Waste,
)
from rfa_core.frontends.base import Constructed, ForwardError, Frontend, InputSpec
from rfa_core.frontends.fitting import nearest_running
from rfa_core.graph.model import Graph
from rfa_core.graph.whole_map import pools_whole_maps, with_global_pools
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.feasible import max_resolution, min_resolution
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import Resolution
from rfa_core.receptive.verdict import Verdict, decided_by_tie, judge

RANGE_TRACED_AT = 224


@dataclass(frozen=True, slots=True)
class Examination:
    """A model, how to read it, what to feed it, and how to judge it."""

    frontend: Frontend
    model: object
    spec: InputSpec
    name: str
    constructed: Constructed
    root: str
    policy: Policy
    _traced: dict[tuple[int, ...], Graph | ForwardError] = field(default_factory=dict)

    def fits(self, resolution: Resolution) -> bool:
        """Whether ``resolution`` has a size for each axis, or one for all."""
        return len(resolution.sizes) in (1, self.spec.count)

    def trace(self, sizes: tuple[int, ...]) -> Graph:
        """One forward pass at ``sizes``, made once; raises ForwardError."""
        if sizes not in self._traced:
            try:
                self._traced[sizes] = self.frontend.trace(
                    self.model, self.spec, sizes, self.name, self.constructed, self.root
                )
            except ForwardError as error:
                self._traced[sizes] = error
        known = self._traced[sizes]
        if isinstance(known, ForwardError):
            raise known
        return known


def examine(examination: Examination, resolutions: Sequence[Resolution]) -> ModelReport:
    """The report of one model at ``resolutions``; with none, only its feasible range.

    Raises ResolutionError if a resolution has the wrong number of axes, ForwardError if
    the model runs at no resolution that was tried.
    """
    axes = examination.spec.count
    wanted = list(dict.fromkeys(resolution.for_axes(axes) for resolution in resolutions))
    traced = [(sizes, *_fitted(examination, sizes)) for sizes in wanted or [_default(axes)]]
    policy = examination.policy
    graphs = {graph.resolution: graph for _, graph, _ in traced}
    layers_at = {at: analyse_graph(graph, policy.global_norms) for at, graph in graphs.items()}
    analysed = [(sizes, graph, why, layers_at[graph.resolution]) for sizes, graph, why in traced]
    _, graph, _, layers = analysed[0]
    lowest = min_resolution(layers, policy)
    feasible = Range((lowest,) * axes, max_resolution(layers, policy, axes))
    return ModelReport(
        name=examination.name,
        framework=graph.framework,
        status="analysed",
        range=feasible,
        parameters=graph.parameters,
        resolutions=tuple(
            _judged(examination, sizes, graph, why, layers)
            for sizes, graph, why, layers in analysed
            if wanted
        ),
        notes=_notes(examination.spec, graph),
        stopped=graph.stopped,
    )


def first_running(guesses: Sequence[Examination], resolutions: Sequence[Resolution]) -> Examination:
    """The first of several guesses of the input that the model runs on.

    If there is none, the one that it got furthest with. Guesses with another number of axes
    than the first resolution has are left out, as long as any has as many.
    """
    if len(guesses) == 1:
        return guesses[0]
    fitting = [guess for guess in guesses if all(map(guess.fits, resolutions[:1]))]
    reached: list[int] = []
    for guess in fitting:
        axes = guess.spec.count
        sizes = resolutions[0].for_axes(axes) if resolutions else _default(axes)
        try:
            guess.trace(sizes)
        except ForwardError as error:
            reached.append(len(error.recorded))
            continue
        return guess
    return fitting[reached.index(max(reached))] if fitting else guesses[0]


def _default(axes: int) -> tuple[int, ...]:
    return (RANGE_TRACED_AT if axes <= 2 else 64,) * axes


def _fitted(examination: Examination, sizes: tuple[int, ...]) -> tuple[Graph, Unsupported | None]:
    """The graph at ``sizes``, or at the nearest resolution that works and why not there."""
    try:
        return _settled(examination, examination.trace(sizes)), None
    except ForwardError as error:
        named = examination.frontend.sizes_named_by(examination.model)
        found = nearest_running(examination.trace, sizes, named)
        if found is None:
            raise
        graph, only = _settled(examination, found[0]), found[1]
        return graph, Unsupported(error.layer, error.reason, graph.resolution, only)


def _settled(examination: Examination, graph: Graph) -> Graph:
    """Pooling of whole maps settled by a second look at twice the resolution."""
    if not pools_whole_maps(graph):
        return graph
    try:
        larger = examination.trace(tuple(2 * size for size in graph.resolution))
    except ForwardError as error:
        larger = error.recorded
    return with_global_pools(graph, larger)


def _judged(
    examination: Examination,
    sizes: tuple[int, ...],
    graph: Graph,
    why: Unsupported | None,
    layers: Sequence[Layer],
) -> ResolutionReport:
    judged = tuple(_judged_layer(layer, sizes, examination) for layer in layers)
    wasted = [one.layer for one in judged if one.verdict is Verdict.UNPRODUCTIVE]
    macs = sum(layer.macs for layer in layers)
    return ResolutionReport(
        resolution=sizes,
        traced_at=graph.resolution,
        layers=judged,
        macs=macs,
        waste=Waste(
            _share(sum(layer.parameters for layer in wasted), graph.parameters),
            _share(sum(layer.macs for layer in wasted), macs),
        ),
        unsupported=why,
    )


def _judged_layer(layer: Layer, sizes: tuple[int, ...], examination: Examination) -> JudgedLayer:
    verdict = judge(layer, sizes, examination.policy)
    tie = verdict is not Verdict.NOT_JUDGED and decided_by_tie(layer, sizes)
    line = layer.constructed[-1] if layer.constructed else layer.called
    if line is None:
        return JudgedLayer(layer, verdict, tie)
    file = Path(line.file).relative_to(examination.root).as_posix()
    return JudgedLayer(layer, verdict, tie, file, line.line)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _notes(spec: InputSpec, graph: Graph) -> tuple[str, ...]:
    notes = [f"input {spec.words(graph.resolution)}, {spec.origin}"]
    if not any(node.operands for node in graph):
        notes.append("nothing that the model computes depends on its input")
    if graph.reads:
        notes.append(
            f"the forward pass reads values of its input in {graph.reads}: on other images it may "
            "go another way"
        )
    if graph.stopped:
        notes.append(f"recording stopped before the end in {graph.stopped}")
    return tuple(notes)
