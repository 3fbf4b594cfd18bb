"""Modules, functions and SavedModels of TensorFlow, traced at pinned shapes and never run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from rfa_core.errors import TraceError
from rfa_core.frontends.base import Constructed, InputSpec
from rfa_core.frontends.places import place_of
from rfa_core.frontends.tensorflow.functions import TracingError, of_concrete, plain, traced
from rfa_core.frontends.tensorflow.inputs import (
    Sizes,
    from_signature,
    from_variables,
    sizes_of,
    tensor_specs,
)
from rfa_core.frontends.tensorflow.programs import Program
from rfa_core.frontends.tensorflow.saved import SavedModel, opened
from rfa_core.frontends.tensorflow.tracing import (
    Subject,
    failure,
    graph_of,
    nothing_recorded,
)
from rfa_core.graph.model import Graph

Signature = list[tuple["Sizes | None", bool]]


class TensorFlowFrontend:
    """Reads ``tf.Module``, ``tf.function``, concrete functions and folders of SavedModels."""

    name = "tensorflow"

    def title(self, model: Any) -> str:
        """The class of a module, the name of a function."""
        name = getattr(model, "name", None) if _is_function(model) else None
        return str(name) if name else type(model).__name__

    def guess_inputs(self, model: Any, given: InputSpec | None = None) -> tuple[InputSpec, ...]:
        """The signature, if there is one that says enough; else guesses from the variables."""
        if given is not None:
            return (given,)
        signature = _signature(model)
        spec = (
            from_signature(signature, "named by the signature of the model") if signature else None
        )
        if spec is not None:
            return (spec,)
        return tuple(from_variables(_variables(model)))

    def sizes_named_by(self, model: Any) -> tuple[int, ...]:
        """Sizes that the signature fixes."""
        return sizes_of(_signature(model) or [])

    def trace(
        self,
        model: Any,
        spec: InputSpec,
        resolution: Sequence[int],
        name: str,
        constructed: Constructed | None = None,  # noqa: ARG002
        root: str | None = None,
    ) -> Graph:
        """The graph of one call at ``resolution``; nothing is run and no variable is read.

        Raises ForwardError if the model cannot be traced there, TraceError if its graph is broken.
        """
        subject = Subject(name, self.name, spec, tuple(resolution), root)
        try:
            program = _program(model, spec, resolution, name)
        except TracingError as error:
            raise failed_tracing(error, subject) from error
        if len(program.inputs) != len(spec.tensors):
            raise TraceError(
                f"{name} takes {len(program.inputs)} tensors, not {len(spec.tensors)}",
                "give one shape for each as `input-shape` in its entry of `factories`",
            )
        if not _is_python(model):
            _require_fit(_signature(model) or [], subject)
        return graph_of(program, subject, _size(model))

    def open(self, file: str) -> SavedModel:
        """The SavedModel in the folder ``file``; raises TraceError."""
        return opened(file)


def failed_tracing(error: TracingError, subject: Subject, layer: str = "") -> Exception:
    """The error of a callable that raised while it was traced."""
    import traceback

    cause = error.__cause__
    assert cause is not None
    details = "".join(traceback.format_exception(type(cause), cause, cause.__traceback__))
    recorded = nothing_recorded(subject)
    if error.recorded is not None and len(error.recorded.inputs) == len(subject.spec.tensors):
        recorded = graph_of(error.recorded, subject)
    place = place_of(cause, layer, subject.root)
    reason = plain(cause)
    return failure(subject, str(place), reason, details, recorded)


def _is_python(model: Any) -> bool:
    """Whether the model is traced anew at every shape."""
    return not isinstance(model, (SavedModel, tf.types.experimental.ConcreteFunction))


def _require_fit(signature: Signature, subject: Subject) -> None:
    shapes = subject.spec.at(subject.resolution)
    for (sizes, _), shape in zip(signature, shapes, strict=True):
        if not tf.TensorShape(sizes).is_compatible_with(shape):
            reason = f"it takes {tf.TensorShape(sizes)}"
            recorded = nothing_recorded(subject)
            raise failure(subject, "the signature", reason, reason, recorded)


def _program(model: Any, spec: InputSpec, resolution: Sequence[int], name: str) -> Program:
    if isinstance(model, SavedModel):
        return model.program
    if isinstance(model, tf.types.experimental.ConcreteFunction):
        return of_concrete(model, name)
    return traced(_python(model), tensor_specs(spec, resolution), name)


def _python(model: Any) -> Any:
    """What to call: below ``tf.function``, so that it is traced in one graph."""
    function = model if _is_function(model) else model.__call__
    return getattr(function, "python_function", model)


def _is_function(model: Any) -> bool:
    kinds = tf.types.experimental
    return isinstance(model, (kinds.ConcreteFunction, kinds.PolymorphicFunction))


def _signature(model: Any) -> Signature | None:
    if isinstance(model, SavedModel):
        return list(model.signature)
    if isinstance(model, tf.types.experimental.ConcreteFunction):
        captured = {id(inner) for _, inner in model.graph.captures}
        return [_entry(one) for one in model.inputs if id(one) not in captured]
    function = model if _is_function(model) else vars(type(model)).get("__call__")
    given = getattr(function, "input_signature", None)
    return [_entry(one) for one in tf.nest.flatten(given)] if given else None


def _entry(one: Any) -> tuple[Sizes | None, bool]:
    shape = None if one.shape.rank is None else one.shape.as_list()
    return shape, bool(one.dtype.is_integer)


def _variables(model: Any) -> Sequence[Any]:
    found: Sequence[Any] = getattr(model, "variables", ())
    return found


def _size(model: Any) -> int:
    return sum(int(one.shape.num_elements() or 0) for one in _variables(model))


FRONTEND = TensorFlowFrontend()
