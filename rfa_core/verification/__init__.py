"""The analysis of a model held to a real forward pass, layer by layer.

An oracle that knows nothing of transfer rules (the NaN oracle: ``docs/semantics.md``, *Held to a
forward pass*) shows what reaches every element of every tensor; the local footprints that the
analysis claims must be the same wherever nothing is clipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from rfa_core.agreement import Difference, Outcome, Verification, VerifiedLayer
from rfa_core.errors import TraceError
from rfa_core.examination import Examination, first_running, settled, usual
from rfa_core.frontends.base import Heard, OracleFrontend
from rfa_core.graph.model import Node
from rfa_core.receptive.claims import claims
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import Resolution
from rfa_core.receptive.verdict import is_judged
from rfa_core.verification.comparison import FIRST, Comparison

PARTS = 32
"""Inputs are as many of these pixels long as they need, and one of them wide."""
LONGEST = 4096
Progress = Callable[[int, int, str], None]
Compared = tuple[Layer, Outcome, list[Difference]]
"""A layer along one axis."""


def verify_model(
    guesses: Sequence[Examination],
    resolution: Resolution | None = None,
    every: bool = False,
    progress: Progress | None = None,
) -> Verification:
    """Compare the analysis with the oracle on the first guess of the input that runs.

    ``resolution`` is the input to run on; None: per axis an input larger than the footprints
    along it, and narrow elsewhere. ``every`` pins the footprints of all elements, not of some
    of every tensor; ``progress(done, total, what)`` is called as forward passes end. Raises
    ForwardError if the model runs at no size, ResolutionError if the number of axes is another,
    TraceError if models of the framework cannot be run.
    """
    frontend = _oracle_of(guesses[0])
    examination = first_running(guesses, [resolution] if resolution else [])
    axes = examination.spec.count
    asked = resolution.for_axes(axes) if resolution else None
    if asked:
        examination.trace(asked)
    inputs, stopped = list[str](), ""
    found: dict[str, list[Compared]] = {}
    for axis in range(axes):
        sizes = asked or _sizes_for(examination, axis)
        inputs.append(examination.spec.words(sizes))
        stopped = stopped or examination.at(sizes).graph.stopped
        for one in along(frontend, examination, sizes, axis, every, progress):
            found.setdefault(one[0].name, []).append(one)
    layers = tuple(_verified(every_axis, examination.policy) for every_axis in found.values())
    return Verification(examination.name, tuple(inputs), layers, stopped)


def _oracle_of(examination: Examination) -> OracleFrontend:
    frontend = examination.frontend
    if not isinstance(frontend, OracleFrontend):
        raise TraceError(
            f"{examination.name}: a {frontend.name} model cannot be run with NaN in its input",
            "the oracle runs PyTorch models only",
        )
    return frontend


def _verified(every_axis: Sequence[Compared], policy: Policy) -> VerifiedLayer:
    """One layer, by what was compared along each axis."""
    layers, outcomes, differences = zip(*every_axis, strict=True)
    return VerifiedLayer(
        layers[0].name,
        is_judged(layers[0], policy),
        outcomes,
        tuple(chain.from_iterable(differences)),
    )


def _sizes_for(examination: Examination, axis: int) -> tuple[int, ...]:
    """An input longer than every footprint along ``axis``, and narrow elsewhere.

    Footprints can grow with the input (one window is all there is, until there are two), so
    it is made longer until it is long enough, or the model takes no longer one.
    """
    graph = examination.at(usual(examination.spec.count)).graph
    longest = 0
    while True:
        layers = analyse_graph(graph)
        widest = max((layer.output.max[axis] or 1 for layer in layers), default=1)
        step = max((int(layer.effective_stride[axis] or 1) for layer in layers), default=1)
        long = -(-(widest + 4 * step) // PARTS) * PARTS
        if longest >= min(long, LONGEST):
            return graph.resolution
        asked = tuple(min(long, LONGEST) if a == axis else PARTS for a in range(graph.axes))
        graph = examination.at(asked).graph
        longest = asked[axis]


def along(
    frontend: OracleFrontend,
    examination: Examination,
    sizes: tuple[int, ...],
    axis: int,
    every: bool,
    progress: Progress | None,
) -> Iterator[Compared]:
    model, spec = examination.model, examination.spec
    traced = frontend.trace_with_values(model, spec, sizes, examination.name)
    graph = settled(examination, traced)
    comparison = Comparison(graph, claims(graph)[axis], axis, sizes[axis])
    heard = Heard(frozenset(node.name for node in graph), frozenset())
    done = 0
    with frontend.oracle(model, spec, sizes, axis, traced, comparison.claims) as run:
        for passes in (lambda: FIRST, lambda: comparison.passes(every)):
            chosen = passes()
            for marks in chosen:
                if progress is not None:
                    progress(done, len(FIRST) + len(chosen), f"{examination.name}, axis {axis}")
                heard = heard.and_then(run(marks, comparison.look))
                done += 1
    nodes: dict[str, list[Node]] = {}
    for node in graph:
        nodes.setdefault(node.layer, []).append(node)
    judged = (one for one in examination.at(sizes).layers if one.judgeable == "weights")
    without_values = {layer.name: layer for layer in judged}
    for layer in analyse_graph(graph):
        outcome, differences = comparison.outcome(nodes[layer.name], heard)
        same = without_values.get(layer.name, layer).output.max[axis] == layer.output.max[axis]
        yield layer, outcome if same else Outcome.OTHERWISE, differences
