"""An oracle for Keras: which outputs change when one line of the input does.

Sample ``n`` of a batch has other, large values in coordinate ``n`` along one axis. What is
different in its results depends on that coordinate; what any of the draws shows, counts, since a
maximum or a rectifier hides some values. (NaN would show more than there is: TensorFlow
multiplies some positions by weights of zero.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from rfa_core.frontends import frontend_of
from rfa_core.frontends.base import input_spec
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph
from rfa_core.receptive.claims import Claim, claims
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Layer

Shape = Sequence[int | str]
SIGNS = (1, -1, 0, 0, 0, 0)
"""Of the new values, one entry per draw; 0: at random."""


@pytest.fixture
def trace_of() -> Callable[..., Graph]:
    """The graph of a model, for an input with axes by name at ``sizes``."""
    return traced


@pytest.fixture
def layers_of() -> Callable[..., dict[str, Layer]]:
    """The layers of a model by name."""

    def layers(model: Any, shape: Shape, *sizes: int) -> dict[str, Layer]:
        return {layer.name: layer for layer in analyse_graph(traced(model, shape, *sizes))}

    return layers


@pytest.fixture
def disagreement() -> Callable[..., list[str]]:
    """What the analysis of a model says otherwise than the model itself does."""

    def compare(model: Any, shape: Shape, *sizes: int) -> list[str]:
        graph = traced(model, shape, *sizes)
        inexact = [layer.name for layer in analyse_graph(graph) if not layer.exact]
        if inexact:
            return [f"inexact: {', '.join(inexact)}"]
        found = claims(graph)
        padded = any(isinstance(node.operation, op.Pad) for node in graph)
        return [
            difference
            for axis, claimed in enumerate(found)
            for number, name in enumerate(graph.outputs)
            for difference in _differences(
                claimed[name], _changed(model, shape, sizes, axis, number), axis, padded
            )
        ]

    return compare


def traced(model: Any, shape: Shape, *sizes: int) -> Graph:
    spec = input_spec(tuple(shape), "given")
    return frontend_of(model).trace(model, spec, sizes, "network")


def _changed(
    model: Any, shape: Shape, sizes: Sequence[int], axis: int, number: int
) -> np.ndarray[Any, Any]:
    """``[n, *output]``: whether coordinate ``n`` of ``axis`` changes an element of the output."""
    import keras

    dims = [dim for dim, size in enumerate(shape) if isinstance(size, str)]
    full = list(shape)
    for dim, size in zip(dims, sizes, strict=True):
        full[dim] = size
    count, dim = sizes[axis], dims[axis]
    random = np.random.default_rng(0)
    before = random.normal(size=full).astype(np.float32)
    plain = np.repeat(before, count, axis=0)
    found: Any = False
    for sign in SIGNS:
        marked = plain.copy()
        for n in range(count):
            place = tuple(n if d == 0 else n if d == dim else slice(None) for d in range(len(full)))
            new = random.normal(size=marked[place].shape) * 1000
            marked[place] = abs(new) * sign if sign else new
        first, second = (
            np.asarray(keras.tree.flatten(model(batch, training=False))[number])
            for batch in (plain, marked)
        )
        found = found | (first != second)
    return np.asarray(found)


def _differences(claim: Claim, changed: np.ndarray[Any, Any], axis: int, padded: bool) -> list[str]:
    """Every element whose hull is not what is claimed, as far as the image shows it.

    Zeros that were ``padded`` continue the image, and show nothing.
    """
    count = len(changed)
    shape = (1, *changed.shape[1:])
    low = np.broadcast_to(claim.low, shape)[0]
    high = np.broadcast_to(claim.high, shape)[0]
    context = np.broadcast_to(claim.context, shape)[0]
    places = np.arange(count).reshape(-1, *[1] * (changed.ndim - 1))
    begins = np.where(changed, places, count).min(0)
    ends = np.where(changed, places, -1).max(0)
    whole = (begins == 0) & (ends == count - 1)
    inside = (low >= 0) & (high < count)
    same = np.where(inside, (begins == low) & (ends == high), (begins >= low) & (ends <= high))
    unseen = (ends < begins) & (padded | ~inside | (high < low))
    right = np.where(context, whole, same) | unseen
    return [
        f"axis {axis}, element {tuple(at)}: claimed {low[tuple(at)]}..{high[tuple(at)]}"
        f"{' and all' if context[tuple(at)] else ''}, is {begins[tuple(at)]}..{ends[tuple(at)]}"
        for at in np.argwhere(~right)[:3].tolist()
    ]
