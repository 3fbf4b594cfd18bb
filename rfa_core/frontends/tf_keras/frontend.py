"""Models of legacy Keras: traced once as a function of TensorFlow, by layer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from rfa_core.frontends.base import Constructed, InputSpec
from rfa_core.frontends.tensorflow.frontend import failed_tracing
from rfa_core.frontends.tensorflow.functions import TracingError, traced
from rfa_core.frontends.tensorflow.inputs import (
    Sizes,
    from_signature,
    from_variables,
    sizes_of,
    tensor_specs,
)
from rfa_core.frontends.tensorflow.tracing import Subject, graph_of
from rfa_core.frontends.tf_keras.calls import Calls
from rfa_core.graph.model import Graph


class LegacyKerasFrontend:
    """Reads ``tf_keras.Model``."""

    name = "tf_keras"

    def title(self, model: Any) -> str:
        """The class of the model; its name, where the class says nothing."""
        kind = type(model).__name__
        return str(model.name) if kind in ("Functional", "Sequential", "Model") else kind

    def guess_inputs(self, model: Any, given: InputSpec | None = None) -> tuple[InputSpec, ...]:
        """The inputs that the model declares; else what its first layers' weights take."""
        if given is not None:
            return (given,)
        spec = from_signature(_declared(model), "declared by the model")
        return (spec,) if spec is not None else tuple(from_variables(_weights(model)))

    def sizes_named_by(self, model: Any) -> tuple[int, ...]:
        """Sizes that the declared inputs fix."""
        return sizes_of(_declared(model))

    def trace(
        self,
        model: Any,
        spec: InputSpec,
        resolution: Sequence[int],
        name: str,
        constructed: Constructed | None = None,
        root: str | None = None,
    ) -> Graph:
        """The graph of one call at ``resolution``, at inference; no weight is read.

        A model that is not built yet is built by it. Raises ForwardError if the model cannot run.
        """
        calls = Calls(model, constructed or {})
        specs = tensor_specs(spec, resolution)
        subject = Subject(name, self.name, spec, tuple(resolution), root, calls.origins)

        def run(*tensors: Any) -> Any:
            return model(_arranged(model, tensors), **_inference(model))

        try:
            with calls.listening():
                program = traced(tf.autograph.experimental.do_not_convert(run), specs, name)
        except TracingError as error:
            raise failed_tracing(error, subject, calls.where) from error
        return graph_of(program, subject, sum(map(_count, _weights(model))))


def _arranged(model: Any, tensors: Sequence[Any]) -> Any:
    """The tensors as the model takes them: alone, or as its inputs are nested."""
    nested = getattr(model, "_nested_inputs", None)
    if isinstance(nested, Mapping) and len(nested) == len(tensors):
        return tf.nest.pack_sequence_as(nested, tensors)
    return tensors[0] if len(tensors) == 1 else list(tensors)


def _inference(model: Any) -> dict[str, bool]:
    takes = inspect.signature(model.call).parameters
    return {"training": False} if "training" in takes else {}


def _declared(model: Any) -> list[tuple[Sizes | None, bool]]:
    inputs = getattr(model, "inputs", None) or []
    return [
        (None if one.shape.rank is None else one.shape.as_list(), bool(one.dtype.is_integer))
        for one in tf.nest.flatten(inputs)
    ]


def _weights(model: Any) -> Sequence[Any]:
    found: Sequence[Any] = model.weights if model.built else ()
    return found


def _count(weight: Any) -> int:
    return int(weight.shape.num_elements() or 0)


FRONTEND = LegacyKerasFrontend()
