"""A network written by hand as a graph, at one resolution."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path

from rfa_core.errors import TraceError
from rfa_core.frontends.base import Constructed, ForwardError, InputSpec, TensorSpec, input_spec
from rfa_core.frontends.custom.kinds import kind_of
from rfa_core.frontends.custom.layers import AXES, Layer
from rfa_core.frontends.custom.network import Graph
from rfa_core.frontends.described import MisfitError
from rfa_core.frontends.draft import Draft, Origin
from rfa_core.frontends.sources import project_test
from rfa_core.graph import model as traced
from rfa_core.graph import operations as op
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Location

MOST_POSITIONS = 2**23
"""Per axis; what is larger is a mistake, and would take all memory."""


def guess_inputs(model: Graph, given: InputSpec | None = None) -> tuple[InputSpec, ...]:
    """One image per input, in the channels that the network declares.

    Raises InvalidGraphError for a network with mistakes, TraceError if ``given`` shapes are not
    those that it declares.
    """
    model.in_order()
    shapes = [(1, one.options["channels"], *AXES[model.axes]) for one in _inputs(model)]
    own = input_spec(shapes if len(shapes) > 1 else shapes[0], "as the graph says")
    if given is None:
        return (own,)
    if [_channels(one) for one in given.tensors] != [_channels(one) for one in own.tensors]:
        raise TraceError(
            f"{model.name} takes {own.words((64,) * own.count)}, "
            f"not {given.words((64,) * given.count)} ({given.origin})",
            "leave the input shape out: the graph says it",
        )
    return (given,)


def trace(
    model: Graph,
    spec: InputSpec,
    resolution: Sequence[int],
    name: str,
    constructed: Constructed | None = None,  # noqa: ARG001
    root: str | None = None,
) -> traced.Graph:
    """The graph at ``resolution``; layers know the lines of the project that asked for them.

    Raises ForwardError if a layer cannot take what it gets, such as a map smaller than its
    kernel.
    """
    draft, made = Draft(), dict[str, str]()
    is_project = project_test(root)
    tensors = dict(zip((one.name for one in _inputs(model)), spec.tensors, strict=True))
    for layer in model.in_order():
        lines = tuple(line for line in layer.lines if is_project(line.file))
        draft.origin = Origin(layer.name, layer.type, constructed=lines)
        try:
            made[layer.name] = _written(draft, layer, made, tensors, resolution)
        except MisfitError as error:
            recorded = _graph(draft, name, (), resolution)
            place = f"{layer.name}{_at(lines, root)}"
            raise _misfit(
                name,
                layer,
                error,
                f"{place} cannot be computed on {spec.words(resolution)}",
                recorded,
            ) from None
    read = {source for layer in model.layers for source in layer.after}
    outputs = [made[layer.name] for layer in model.layers if layer.name not in read]
    graph = _graph(draft, name, tuple(dict.fromkeys(outputs)), resolution)
    lint(graph)
    return graph


def _written(
    draft: Draft,
    layer: Layer,
    made: dict[str, str],
    tensors: dict[str, TensorSpec],
    resolution: Sequence[int],
) -> str:
    if layer.name in tensors:
        tensor = tensors[layer.name]
        return draft.add(op.Input(tensor.axes), (), tensor.at(resolution), "input")
    kind = kind_of(layer.type)
    assert kind is not None
    name = kind.make(**layer.options).write(draft, [made[source] for source in layer.after])
    most = max(draft.shape(name)[2:], default=0)
    if most > MOST_POSITIONS:
        raise MisfitError(f"it makes {most} positions, more than {MOST_POSITIONS}")
    return name


def _misfit(
    name: str, layer: Layer, error: MisfitError, failure: str, recorded: traced.Graph
) -> ForwardError:
    return ForwardError(
        f"{name}: {failure}: {error}",
        "give it a larger image, or change the layer",
        layer.name,
        str(error),
        "",
        recorded,
    )


def _at(lines: Sequence[Location], root: str | None) -> str:
    """The innermost line of the project that asked for a layer."""
    if not lines or root is None:
        return ""
    return f" (at {Path(lines[-1].file).relative_to(root).as_posix()}:{lines[-1].line})"


def _graph(
    draft: Draft, name: str, outputs: tuple[str, ...], resolution: Sequence[int]
) -> traced.Graph:
    nodes = tuple(draft.nodes)
    total = sum(node.parameters for node in nodes)
    return traced.Graph(name, "custom", nodes, outputs, tuple(resolution), total)


def _inputs(model: Graph) -> list[Layer]:
    return [layer for layer in model.layers if layer.type == "input"]


def _channels(tensor: TensorSpec) -> tuple[int, int, tuple[int | None, ...]]:
    return len(tensor.sizes), prod(tensor.sizes[1:2]), tensor.axes
