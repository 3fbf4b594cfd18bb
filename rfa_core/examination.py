"""One built model, all the way to its report: traced, analysed and judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from traceback import clear_frames

from rfa_core.advice.short import short_advice
from rfa_core.errors import TraceError
from rfa_core.findings import (
    JudgedLayer,
    ModelReport,
    Range,
    Repair,
    ResolutionReport,
    Unsupported,
    Waste,
)
from rfa_core.frontends.base import Constructed, ForwardError, Frontend, InputSpec
from rfa_core.frontends.fitting import nearest_running
from rfa_core.graph.mixed_batch import layers_behind, mixing
from rfa_core.graph.model import Graph
from rfa_core.graph.whole_map import pools_whole_maps, with_global_pools
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.feasible import largest_seen, least_alone, least_square
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import Resolution
from rfa_core.receptive.verdict import Verdict, decided_by_tie, judge

USUAL_SIZES = {1: 224, 2: 224}
"""Pixels per axis for a first look, by the number of axes; 64 for more of them."""
SECOND_SIZE = 128
"""Pixels per axis for a second look, where nothing runs at the usual ones."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen of a model that is asked to run at a resolution.

    ``graph`` and ``layers`` are those at the nearest resolution that works where it cannot
    run at the one asked for; ``unsupported`` then says why.
    """

    graph: Graph
    layers: tuple[Layer, ...]
    unsupported: Unsupported | None = None

    @property
    def ranged(self) -> tuple[Layer, ...]:
        """The layers that a range is about: not those behind a map mixed into the batch."""
        mixed = layers_behind(self.graph, mixing(self.graph))
        return tuple(layer for layer in self.layers if layer.name not in mixed)


@dataclass(frozen=True, slots=True)
class Examination:
    """A model, how to read it, what to feed it, and how to judge it.

    ``with_structure``: what is odd about the structure of layers is asked for as well.
    ``keeps_graph``: the report is to have the graph, so that it can be drawn.
    """

    frontend: Frontend
    model: object
    spec: InputSpec
    name: str
    constructed: Constructed
    root: str
    policy: Policy
    with_structure: bool = False
    keeps_graph: bool = False
    _traced: dict[tuple[int, ...], Graph | ForwardError] = field(default_factory=dict)
    _seen: dict[tuple[int, ...], Sight] = field(default_factory=dict)

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
                _release(error)
                self._traced[sizes] = error
        known = self._traced[sizes]
        if isinstance(known, ForwardError):
            raise known
        return known

    def at(self, sizes: tuple[int, ...]) -> Sight:
        """What ``rfa check`` judges at ``sizes``, made once.

        Raises ForwardError if the model runs at no resolution that was tried, TraceError if there
        is not the memory to follow it.
        """
        if sizes not in self._seen:
            graph, why = _fitted(self, sizes)
            if graph.resolution == sizes:
                self._seen[sizes] = Sight(graph, self._analysed(graph))
            else:
                self._seen[sizes] = replace(self.at(graph.resolution), unsupported=why)
        return self._seen[sizes]

    def _analysed(self, graph: Graph) -> tuple[Layer, ...]:
        try:
            return analyse_graph(graph, self.policy.global_norms, self.with_structure)
        except MemoryError as error:
            sizes = "x".join(map(str, graph.resolution))
            raise TraceError(
                f"{self.name}: at {sizes} px there is not the memory to follow its tensors",
                "check it at a smaller resolution, or with more memory",
            ) from error

    def only_graph(self) -> tuple[Graph, bool] | None:
        """The graph of a model that is known to take one input size only, and that it does."""
        fixed = (one for one in self._seen.values() if one.unsupported and one.unsupported.fixed)
        return next(((one.graph, True) for one in fixed), None)


def examine(
    examination: Examination,
    resolutions: Sequence[Resolution],
    object_size: Resolution | None = None,
) -> ModelReport:
    """The report of one model at ``resolutions``, of which there is at least one.

    Its range is that of the footprints at the first of them. With an ``object_size``, footprints
    are judged by that instead of by the whole image; maps and costs stay those of the image.
    Raises ResolutionError if a resolution has the wrong number of axes, ForwardError if the model
    runs at no resolution that was tried.
    """
    axes = examination.spec.count
    wanted = list(dict.fromkeys(resolution.for_axes(axes) for resolution in resolutions))
    seen = [(sizes, examination.at(sizes)) for sizes in wanted]
    first = seen[0][1]
    report = report_of(examination, first, range_of(first.ranged, examination.policy, axes))
    subject = None if object_size is None else object_size.for_axes(axes)
    judged = tuple(_judged(examination, sizes, sight, subject) for sizes, sight in seen)
    return replace(report, resolutions=judged)


def report_of(examination: Examination, sight: Sight, feasible: Range) -> ModelReport:
    """What is known of a model apart from verdicts."""
    spec = examination.spec
    fed = f"input {spec.words(sight.graph.resolution)}, {spec.origin}"
    return ModelReport(
        name=examination.name,
        framework=sight.graph.framework,
        status="analysed",
        range=feasible,
        parameters=sight.graph.parameters,
        notes=(fed, *_notes(sight.graph)),
        stopped=sight.graph.stopped,
        policy=examination.policy,
        graph=sight.graph if examination.keeps_graph else None,
        fed=fed,
    )


def range_of(layers: Sequence[Layer], policy: Policy, axes: int) -> Range:
    """The range of resolutions that footprints suit, whatever the model does elsewhere."""
    least, largest = least_square(layers, policy), largest_seen(layers, policy, axes)
    return Range(
        (least.size,) * axes,
        tuple(end.size for end in largest),
        least.layers,
        tuple(end.layers for end in largest),
        least_alone(layers, policy, axes),
    )


def first_running(guesses: Sequence[Examination], resolutions: Sequence[Resolution]) -> Examination:
    """The first of several guesses of the input that the model runs on.

    If there is none at the first resolution (it may be too small), the first that runs at the
    usual one, or at 128 pixels; if there is none, the one with which it came to the most
    layers with weights. Guesses with another number
    of axes than the first resolution has are left out, as long as any has as many.
    """
    if len(guesses) == 1:
        return guesses[0]
    fitting = [guess for guess in guesses if all(map(guess.fits, resolutions[:1]))]
    looks = [resolution.for_axes for resolution in resolutions[:1]]
    reached: list[int] = []
    for sizes_for in (*looks, usual, _second):
        for guess in fitting:
            try:
                guess.trace(sizes_for(guess.spec.count))
            except ForwardError as error:
                reached.append(len({node.layer for node in error.recorded if node.weighted}))
                continue
            return guess
    first = reached[: len(fitting)]
    return fitting[first.index(max(first))] if fitting else guesses[0]


def usual(axes: int) -> tuple[int, ...]:
    """The resolution of a first look, where none is asked for."""
    return (USUAL_SIZES.get(axes, 64),) * axes


def _second(axes: int) -> tuple[int, ...]:
    return (SECOND_SIZE,) * axes


def _release(error: ForwardError) -> None:
    """Let go of the tensors that the frames of a failed forward pass hold, of all sizes tried."""
    link: BaseException | None = error
    while link is not None:
        clear_frames(link.__traceback__)
        link = link.__cause__ or link.__context__


def _fitted(examination: Examination, sizes: tuple[int, ...]) -> tuple[Graph, Unsupported | None]:
    """The graph at ``sizes``, or at the nearest resolution that works and why not there."""
    try:
        return settled(examination, examination.trace(sizes)), None
    except ForwardError as error:
        found = examination.only_graph() or _nearest(examination, sizes)
        if found is None:
            raise
        graph, only = settled(examination, found[0]), found[1]
        return graph, Unsupported(error.layer, error.reason, graph.resolution, only)


def _nearest(examination: Examination, sizes: tuple[int, ...]) -> tuple[Graph, bool] | None:
    named = examination.frontend.sizes_named_by(examination.model)
    return nearest_running(examination.trace, sizes, named)


def settled(examination: Examination, graph: Graph) -> Graph:
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
    sight: Sight,
    subject: tuple[int, ...] | None = None,
) -> ResolutionReport:
    graph, layers = sight.graph, sight.layers
    judged = tuple(_judged_layer(layer, subject or sizes, examination) for layer in layers)
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
        unsupported=sight.unsupported,
        repair=_repair(examination, sizes, sight) if wasted and not sight.unsupported else None,
    )


def _repair(examination: Examination, sizes: tuple[int, ...], sight: Sight) -> Repair | None:
    policy, root = examination.policy, examination.root
    return short_advice(sight.graph, sight.layers, sizes, policy, root)


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


def _notes(graph: Graph) -> tuple[str, ...]:
    notes = []
    if not any(node.operands for node in graph):
        notes.append("nothing that the model computes depends on its input")
    if graph.reads:
        notes.append(
            f"the forward pass reads values of its input in {graph.reads}: on other images it may "
            "go another way"
        )
    mixed = mixing(graph)
    if mixed is not None:
        sizes = "x".join(map(str, graph[mixed.operands[0]].shape[2:]))
        notes.append(
            f"{mixed.layer} makes {mixed.shape[0]} rows of one image, since its map is {sizes} "
            "there: positions are mixed into the batch, and the range leaves out what comes after"
        )
    if graph.stopped:
        notes.append(f"recording stopped before the end in {graph.stopped}")
    return tuple(notes)
