"""One forward pass on abstract values, read as a graph."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from rfa_core.frontends.base import Constructed, ForwardError, InputSpec
from rfa_core.frontends.described import DescriptionError
from rfa_core.frontends.draft import Draft, Origin
from rfa_core.frontends.jax import operators as operators  # registers the translations
from rfa_core.frontends.jax.equations import Value
from rfa_core.frontends.jax.models import Nnx, Staged, adapted, typed
from rfa_core.frontends.jax.reading import Reader, known
from rfa_core.frontends.jax.registry import handler_of
from rfa_core.frontends.jax.scopes import Scopes
from rfa_core.frontends.jax.values import Fixed
from rfa_core.frontends.places import place_of
from rfa_core.frontends.sources import project_test
from rfa_core.graph import operations as op
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph, Location

_BOUNDARY = __file__
"""Where the model is called from: lines further out are not the model's."""


def trace(
    model: object,
    spec: InputSpec,
    resolution: Sequence[int],
    name: str,
    constructed: Constructed | None = None,
    root: str | None = None,
) -> Graph:
    """The graph of one forward pass on ``spec`` at ``resolution`` (pixels per axis).

    Nothing is computed: weights and inputs are shapes. Raises ForwardError if the model cannot
    run.
    """
    one, scopes = adapted(model), Scopes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            staged = one.staged(abstract(spec, resolution), scopes)
    except Exception as error:
        raise _failure(error, scopes, spec, resolution, name, root) from error
    lines = _lines(one, constructed or {})
    reader = Reader(*_about(staged, lines, root))
    try:
        graph = _graph(staged, spec, resolution, name, reader)
    except DescriptionError as error:
        scopes.failed = reader.draft.origin.layer
        raise _failure(error, scopes, spec, resolution, name, root) from error
    lint(graph)
    return graph


def abstract(spec: InputSpec, resolution: Sequence[int]) -> list[Any]:
    """The inputs as ``spec`` says, without memory; lists and dictionaries are not JAX's way."""
    shapes = [
        typed(shape, jnp.int32 if tensor.indices else jnp.float32)
        for shape, tensor in zip(spec.at(resolution), spec.tensors, strict=True)
    ]
    return [shapes] if spec.form == "list" else shapes


def _about(
    staged: Staged, lines: dict[str, tuple[Location, ...]], root: str | None
) -> tuple[Any, ...]:
    sizes = {at: weight.size for at, weight in enumerate(staged.weights) if weight.learned}
    count = len(staged.weights)
    for at, value in enumerate(staged.jaxpr.consts if staged.constants_learned else ()):
        if _is_weight(value):
            sizes[count + at] = int(np.size(value))
    return handler_of, sizes, lines, project_test(root), _BOUNDARY


def _is_weight(value: Any) -> bool:
    dtype = getattr(value, "dtype", None)
    return dtype is not None and jnp.issubdtype(dtype, jnp.inexact) and np.size(value) > 1


def _graph(
    staged: Staged, spec: InputSpec, resolution: Sequence[int], name: str, reader: Reader
) -> Graph:
    jaxpr, count = staged.jaxpr.jaxpr, len(staged.weights)
    weights = [
        Fixed(var.aval, frozenset((at,)) if weight.learned else frozenset())
        for at, (var, weight) in enumerate(zip(jaxpr.invars, staged.weights, strict=False))
    ]
    reader.draft.origin = Origin(atomic=False)
    inputs: list[Value] = [
        reader.draft.add(op.Input(tensor.axes), (), tensor.at(resolution), "input")
        for tensor in spec.tensors
    ]
    constants = [
        known(value, frozenset((count + at,)) if _closes_over(staged, value) else frozenset())
        for at, value in enumerate(staged.jaxpr.consts)
    ]
    total = reader.parameters
    found = reader.run(jaxpr, constants, [*weights, *inputs])
    live = tuple(dict.fromkeys(one for one in found if isinstance(one, str)))
    outputs = live or (reader.draft.nodes[-1].name,)
    return Graph(name, "jax", tuple(reader.draft.nodes), outputs, tuple(resolution), total)


def _closes_over(staged: Staged, value: Any) -> bool:
    return staged.constants_learned and _is_weight(value)


def _lines(model: object, constructed: Constructed) -> dict[str, tuple[Location, ...]]:
    """The lines that constructed the modules of an NNX model, by their paths."""
    if not constructed or not isinstance(model, Nnx):
        return {}
    from flax import nnx

    found = ((".".join(map(str, path)), one) for path, one in nnx.iter_graph(model.model))
    return {path: constructed[id(one)] for path, one in found if id(one) in constructed}


def _failure(
    error: Exception,
    scopes: Scopes,
    spec: InputSpec,
    resolution: Sequence[int],
    name: str,
    root: str | None,
) -> ForwardError:
    place = place_of(error, scopes.failed or "", root)
    lines = str(error).strip().splitlines() or [""]
    why = f"{type(error).__name__}: {lines[0][:300]}"
    draft = Draft()
    for tensor in spec.tensors:
        draft.add(op.Input(tensor.axes), (), tensor.at(resolution), "input")
    nodes = tuple(draft.nodes)
    return ForwardError(
        f"{name}: the forward pass on {spec.words(resolution)} fails in {place}: {why}",
        "if the input is of another shape, give it as `input-shape` in its entry of `factories`; "
        'channels come last, as in [1, "H", "W", 3]',
        place.layer,
        why,
        "".join(traceback.format_exception(type(error), error, error.__traceback__)),
        Graph(name, "jax", nodes, (nodes[-1].name,), tuple(resolution)),
    )
