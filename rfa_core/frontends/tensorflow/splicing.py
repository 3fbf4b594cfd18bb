"""Single functions of TensorFlow inside a draft of another frontend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from rfa_core.errors import TraceError
from rfa_core.frontends.draft import Draft
from rfa_core.frontends.tensorflow.functions import TracingError, plain, traced
from rfa_core.frontends.tensorflow.programs import written
from rfa_core.frontends.tensorflow.reading import ShapeError
from rfa_core.graph.model import Shape


def splice(
    draft: Draft,
    function: Callable[..., Any],
    operands: Sequence[str],
    *,
    dtypes: Sequence[Any] = (),
    weights: Sequence[tuple[Sequence[int], Any]] = (),
) -> tuple[tuple[str, Shape], ...]:
    """Write what ``function`` does to the nodes ``operands`` of ``draft``; returns its results.

    ``function`` is called once, with one symbolic ``tf.Tensor`` per operand, of the node's shape
    and of its entry in ``dtypes`` (float32 without one), then one per entry of ``weights``: the
    shape and dtype of a learned weight, which is passed in place of its values. Nothing is
    allocated or run. Variables that the function reads by itself are weights, too. The results
    are the tensors that it returns, flattened as ``tf.nest`` does, each as the name of its node
    and its shape; one that depends on no operand is a constant. All nodes get the origin that
    the draft has.

    Raises TraceError if ``function`` raises (its ``__cause__``), and if the shape of a result is
    decided by data.
    """
    kinds = [*dtypes, *[tf.float32] * (len(operands) - len(dtypes))]
    shapes = [draft.shape(name) for name in operands]
    specs = [tf.TensorSpec(shape, kind) for shape, kind in zip(shapes, kinds, strict=True)]
    extra = [tf.TensorSpec(list(shape), kind) for shape, kind in weights]
    sizes = {len(specs) + at: int(spec.shape.num_elements() or 0) for at, spec in enumerate(extra)}
    title = getattr(function, "__qualname__", type(function).__name__)
    try:
        program = traced(function, [*specs, *extra], title, sizes)
        reading, names = written(program, shapes, draft, operands)
    except (TracingError, ShapeError) as error:
        cause = error.__cause__ or error
        raise TraceError(f"{title} cannot be traced: {plain(cause)}") from cause
    if len(names) < len(program.outputs):
        raise TraceError(f"{title}: {reading.lost}")
    return tuple((name, draft.shape(name)) for name in names)
