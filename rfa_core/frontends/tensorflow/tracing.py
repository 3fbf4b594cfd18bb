"""Programs as graphs: shapes pinned, operations translated, layers named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from rfa_core.frontends.base import ForwardError, InputSpec
from rfa_core.frontends.draft import Draft, Origin
from rfa_core.frontends.sources import project_test
from rfa_core.frontends.tensorflow.naming import named
from rfa_core.frontends.tensorflow.programs import Program, variables, written
from rfa_core.frontends.tensorflow.reading import ShapeError
from rfa_core.graph import operations as op
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph, Location, Node

_HINT = "if the input is of another shape, give it as `input-shape` in its entry of `factories`"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a graph is made of: its name, framework, input, and the project's root folder.

    ``origins`` has those that the tags of the program number.
    """

    name: str
    framework: str
    spec: InputSpec
    resolution: tuple[int, ...]
    root: str | None = None
    origins: Sequence[Origin] = ()


def graph_of(program: Program, subject: Subject, parameters: int = 0) -> Graph:
    """The graph of ``program`` at the shapes of ``subject``; raises ForwardError.

    ``parameters`` says how many numbers the model holds; those of its variables, if it is 0.
    """
    try:
        return _written(program, subject, parameters)
    except ShapeError as error:
        recorded = _written(program, subject, parameters, error.node)
        layer = program.flat.paths.get(error.node, error.node)
        raise failure(subject, layer, error.reason, str(error), recorded) from error


def failure(
    subject: Subject, layer: str, reason: str, details: str, recorded: Graph
) -> ForwardError:
    """The forward pass fails in ``layer``."""
    shapes = subject.spec.words(subject.resolution)
    where = layer or "the model's own call"
    return ForwardError(
        f"{subject.name}: the forward pass on {shapes} fails in {where}: {reason}",
        _HINT,
        layer,
        reason,
        details,
        recorded,
    )


def nothing_recorded(subject: Subject) -> Graph:
    """The graph of a forward pass that failed before its first operation."""
    draft = Draft("/")
    outputs = _inputs(draft, subject)
    return _graph(subject, draft.nodes, outputs, "", 0)


def _written(program: Program, subject: Subject, parameters: int, before: str = "") -> Graph:
    draft = Draft("/")
    fed = _inputs(draft, subject)
    origin_of, shapes = _origins(program, subject), subject.spec.at(subject.resolution)
    reading, outputs = written(program, shapes, draft, fed, origin_of, before)
    homes = {
        node: program.flat.paths.get(operation, operation)
        for node, operation in reading.operations.items()
        if operation not in program.flat.tags
    }
    constant = {node.name for node in draft.nodes if isinstance(node.operation, op.Constant)}
    outputs = tuple(name for name in outputs if name not in constant) or outputs
    used = set(outputs)
    kept: list[Node] = []
    for node in reversed(draft.nodes):
        idle = isinstance(node.operation, (op.Reshape, op.Constant))
        if node.name in used or not idle:
            kept.append(node)
            used.update(node.operands)
    nodes = named(kept[::-1], homes, reading.kernels)
    outputs = tuple(dict.fromkeys(outputs)) or (nodes[-1].name,)
    size = parameters or variables(program) or sum(node.parameters for node in nodes)
    return _graph(subject, nodes, outputs, reading.lost, size)


def _inputs(draft: Draft, subject: Subject) -> tuple[str, ...]:
    shapes = subject.spec.at(subject.resolution)
    return tuple(
        draft.add(op.Input(tensor.axes), (), shape, "input")
        for tensor, shape in zip(subject.spec.tensors, shapes, strict=True)
    )


def _graph(
    subject: Subject, nodes: Sequence[Node], outputs: tuple[str, ...], lost: str, parameters: int
) -> Graph:
    graph = Graph(
        subject.name,
        subject.framework,
        tuple(nodes),
        outputs,
        subject.resolution,
        parameters,
        lost,
    )
    lint(graph)
    return graph


def _origins(program: Program, subject: Subject) -> Callable[[Any], Origin]:
    """Where an operation comes from: its layer, if it carries the number of one; its lines."""
    is_project = project_test(subject.root)

    def lines(operation: str) -> Location | None:
        made = program.traces.get(program.flat.homes.get(operation, ("", "")))
        frames = [] if made is None or subject.root is None else made.traceback
        own = [Location(frame.filename, frame.lineno) for frame in frames
               if is_project(frame.filename)]  # fmt: skip
        return own[-1] if own else None

    @cache
    def origin(name: str, kind: str) -> Origin:
        called = lines(name)
        tag = program.flat.tags.get(name)
        if tag is None:
            return Origin(program.flat.paths.get(name, name), kind, called=called)
        known = subject.origins[tag]
        return replace(known, called=called)

    return lambda operation: origin(operation.name, operation.type)
