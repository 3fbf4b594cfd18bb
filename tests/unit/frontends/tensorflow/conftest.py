"""The oracle for TensorFlow: functions are run, and what changes with the input is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from rfa_core.frontends import frontend_of
from rfa_core.frontends.base import InputSpec, input_spec
from rfa_core.graph.model import Graph
from rfa_core.receptive.claims import Claim, claims

Function = Callable[..., Any]
Array = npt.NDArray[Any]
Trace = Callable[..., Graph]
Disagreements = Callable[..., list[str]]


@pytest.fixture
def trace_of() -> Trace:
    """The graph of a function on a shape with names where the axes are."""
    return traced


@pytest.fixture
def disagreements() -> Disagreements:
    """Where the analysis of ``function`` and the oracle differ, element by element.

    ``sizes`` are those of the axes that ``shape`` names. With ``marks`` "nan" an element depends
    on what is NaN; with "rise" on what changes it when it grows, for maxima, which TensorFlow
    takes without regard to NaN. An element is compared if its claimed footprint lies inside the
    image; others must see nothing outside of their claim, unless ``padded``: what is put around
    an image continues it in claims.
    """
    return found_disagreements


def traced(function: Function, shape: Sequence[int | str], sizes: Sequence[int]) -> Graph:
    import tensorflow as tf

    wrapped = tf.function(function)
    return frontend_of(wrapped).trace(wrapped, input_spec(shape, "given"), sizes, "function")


def found_disagreements(
    function: Function,
    shape: Sequence[int | str],
    sizes: Sequence[int],
    marks: str = "nan",
    padded: bool = False,
) -> list[str]:
    spec = input_spec(shape, "given")
    graph = traced(function, shape, sizes)
    assert graph.outputs, "the function returns nothing that can be followed"
    assert not graph.stopped, graph.stopped
    every = claims(graph)
    found: list[str] = []
    compared = 0
    for axis, size in enumerate(sizes):
        seen = _seen(function, spec, sizes, axis, marks)
        claim = every[axis][graph.outputs[-1]]
        assert claim.exact, "only a bound"
        told, count = _compared(claim, seen, size, padded)
        found += [f"axis {axis}, {text}" for text in told]
        compared += count
    assert compared, "no footprint lies inside the image: take a larger one"
    return found


def _seen(
    function: Function, spec: InputSpec, sizes: Sequence[int], axis: int, marks: str
) -> Array:
    """For every element of the result, which coordinates along ``axis`` it depends on."""
    import tensorflow as tf

    shape, tensor = spec.at(sizes)[0], spec.tensors[0]
    random = np.random.default_rng(0)
    plain = random.uniform(0.5, 1.0, shape).astype("float32")
    run = tf.function(function).get_concrete_function(tf.TensorSpec(shape))
    calm = _last(run(tf.constant(plain)))
    rows = []
    for at in range(sizes[axis]):
        marked = plain.copy()
        index = [slice(None)] * len(shape)
        index[tensor.axes.index(axis)] = slice(at, at + 1)
        marked[tuple(index)] = np.nan if marks == "nan" else marked[tuple(index)] + 7
        made = _last(run(tf.constant(marked)))
        rows.append(np.isnan(made) if marks == "nan" else np.abs(made - calm) > 1e-4)
    return np.stack(rows)


def _last(result: Any) -> Array:
    import tensorflow as tf

    made: Array = tf.nest.flatten(result)[-1].numpy()
    return made


def _compared(claim: Claim, seen: Array, size: int, padded: bool) -> tuple[list[str], int]:
    """What differs, and how many elements could be compared."""
    shape = seen.shape[1:]
    low, high = (np.broadcast_to(bound, shape) for bound in (claim.low, claim.high))
    everywhere = np.broadcast_to(claim.context, shape)
    first = np.where(seen.any(0), seen.argmax(0), np.inf)
    last = np.where(seen.any(0), size - 1 - seen[::-1].argmax(0), -np.inf)
    inside = (low >= 0) & (high < size) & ~everywhere
    low, high = np.where(everywhere, 0, low), np.where(everywhere, size - 1, high)
    exact = inside | everywhere
    if padded:
        exact &= seen.any(0)
    wrong = exact & ((first != low) | (last != high))
    if not padded:
        wrong |= (first < low) | (last > high)
    places = np.argwhere(wrong)
    told = [
        f"element {place.tolist()}: claimed {low[tuple(place)]:g} to {high[tuple(place)]:g}, "
        f"saw {first[tuple(place)]:g} to {last[tuple(place)]:g}"
        for place in places[:3]
    ]
    return told, int(exact.sum())
