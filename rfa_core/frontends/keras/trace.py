"""One symbolic call of a model, recorded as a graph."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Sequence
from math import prod
from typing import Any

import keras

from rfa_core.frontends.base import Constructed, ForwardError, InputSpec
from rfa_core.frontends.keras import layers as layers  # registers the translations
from rfa_core.frontends.keras import operations as operations
from rfa_core.frontends.keras.copies import unbuilt_copy
from rfa_core.frontends.keras.recorder import DataDecideError, Recorder
from rfa_core.frontends.places import Place, place_of
from rfa_core.frontends.sources import project_test
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph
from rfa_core.libraries.keras_scope import weightless

_SHAPE = "if the input is of another shape, give it as `input-shape` in its entry of `factories`"


def trace(
    model: Any,
    spec: InputSpec,
    resolution: Sequence[int],
    name: str,
    constructed: Constructed | None = None,
    root: str | None = None,
) -> Graph:
    """The graph of one call on ``spec`` at ``resolution`` (pixels per axis), at inference.

    The tensors are symbolic: nothing is computed, no weight is read or allocated. Layers that
    are not built yet are built in a copy. Where data decide how large a result is, what was
    recorded is kept and ``Graph.stopped`` says where it ended. Raises ForwardError otherwise.
    """
    with weightless(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, lines = unbuilt_copy(model, constructed or {})
        recorder = Recorder(lines, project_test(root))
        result, error = _recorded(recorder, model, spec, resolution)
    place = place_of(error, recorder.where, root)
    why = "" if error is None else _reason(error)
    graph = Graph(
        name,
        "keras",
        tuple(recorder.draft.nodes),
        recorder.outputs(result),
        tuple(resolution),
        _size(model),
        f"{place}: {why}" if why else "",
    )
    lint(graph)
    decided = isinstance(error, DataDecideError) and any(node.weighted for node in graph)
    if error is None or decided:
        return graph
    raise _failure(error, why, place, spec.words(resolution), graph) from error


def _recorded(
    recorder: Recorder, model: Any, spec: InputSpec, resolution: Sequence[int]
) -> tuple[Any, Exception | None]:
    """What one call returns, or the exception that ended it."""
    tensors = _symbols(model, spec, resolution)
    for tensor, one in zip(tensors, spec.tensors, strict=True):
        recorder.add_input(tensor, one.axes)
    try:
        with recorder.listening():
            return _called(model, spec.form, tensors), None
    except Exception as error:
        return None, error


def _symbols(model: Any, spec: InputSpec, resolution: Sequence[int]) -> list[Any]:
    """One symbolic tensor per input, of the type that the model takes."""
    kinds = ["int32" if one.indices else keras.config.floatx() for one in spec.tensors]
    known = [one.dtype for one in declared(model)]
    shapes = spec.at(resolution)
    types = known if len(known) == len(shapes) else kinds
    return [keras.KerasTensor(shape, dtype=one) for shape, one in zip(shapes, types, strict=True)]


def declared(model: Any) -> list[Any]:
    """The inputs that a functional or sequential model declares; none for others."""
    try:
        return list(getattr(model, "inputs", None) or ())
    except (AttributeError, ValueError):
        return []


def _called(model: Any, form: str, tensors: list[Any]) -> Any:
    structure = getattr(model, "_inputs_struct", None)
    if structure is not None and len(keras.tree.flatten(structure)) == len(tensors):
        return model(keras.tree.pack_sequence_as(structure, tensors), training=False)
    if form == "arguments":
        return model(*tensors, training=False)
    return model(tensors, training=False)


def _size(model: Any) -> int:
    """The parameters that training changes, each once."""
    found = {
        id(one): prod(one.shape)
        for layer in model._flatten_layers()
        for one in layer._trainable_variables
    }
    return sum(found.values())


def _reason(error: Exception) -> str:
    if isinstance(error, DataDecideError):
        return str(error)
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__


def _failure(
    error: Exception, why: str, place: Place, shapes: str, recorded: Graph
) -> ForwardError:
    details = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return ForwardError(
        f"{recorded.name}: the call on {shapes} fails in {place}: {why}",
        _SHAPE,
        place.layer,
        why,
        details,
        recorded,
    )
