"""Footprints as a runtime shows them: NaN at one input position at a time.

Every dimension of the input is an axis of its own, so a claim is checked about all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from onnx import ModelProto, helper, numpy_helper

from rfa_core.frontends.base import InputSpec, TensorSpec
from rfa_core.frontends.onnx.trace import trace
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph
from rfa_core.receptive.claims import Claim, claims

onnxruntime.set_default_logger_severity(4)


@dataclass(frozen=True)
class Seen:
    """What is wrong with the claims about a model: beyond the claim, and claimed but not seen."""

    unsound: list[str]
    loose: list[str]


def model_of(
    nodes: Sequence[Any],
    shape: Sequence[int | str],
    constants: dict[str, Any] | None = None,
    opset: int = 17,
    outputs: Sequence[str] = ("y",),
    **options: Any,
) -> ModelProto:
    """A model from ``x`` of ``shape`` to ``y``."""
    held = [
        numpy_helper.from_array(np.asarray(one), name) for name, one in (constants or {}).items()
    ]
    graph = helper.make_graph(
        list(nodes),
        "net",
        [helper.make_tensor_value_info("x", 1, list(shape))],
        [helper.make_tensor_value_info(name, 1, None) for name in outputs],
        held,
    )
    sets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=sets, ir_version=8, **options)


def graph_of(model: ModelProto, shape: Sequence[int]) -> Graph:
    """The graph of a model of one input, with all of its dimensions as axes."""
    rank = len(shape)
    tensor = TensorSpec((1,) * rank, tuple(range(rank)))
    spec = InputSpec((tensor,), tuple(f"d{dim}" for dim in range(rank)), "every dimension")
    return trace(model, spec, tuple(shape), "net")


def is_exact(graph: Graph) -> bool:
    """Whether every node of the graph is understood, and is no norm."""
    inexact = (op.Unknown, op.Sample, op.Norm)
    return not graph.stopped and not any(isinstance(node.operation, inexact) for node in graph)


def observed(model: ModelProto, graph: Graph, values: np.ndarray[Any, Any]) -> Seen:
    """The claims about the last output of ``graph`` held to a run of ``model``."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    data = model.SerializeToString()
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    name = model.graph.input[0].name
    unsound: list[str] = []
    loose: list[str] = []
    for dim, known in enumerate(claims(graph)):
        claim = known[graph.outputs[0]]
        masks = _masks(session, name, values, dim)
        shape = graph[graph.outputs[0]].shape
        if masks.shape[1:] != shape:
            return Seen([f"a result of {masks.shape[1:]}, not of {shape}"], [])
        unsound += _beyond(claim, masks, dim)
        loose += _unseen(claim, masks, dim)
    return Seen(unsound, loose)


def _masks(session: Any, name: str, values: np.ndarray[Any, Any], dim: int) -> Any:
    clean = np.isnan(session.run(None, {name: values})[0])
    masks = []
    for place in range(values.shape[dim]):
        marked = values.copy()
        np.moveaxis(marked, dim, 0)[place] = np.nan
        masks.append(np.isnan(session.run(None, {name: marked})[0]) & ~clean)
    return np.stack(masks)


def _spread(claim: Claim, masks: Any) -> tuple[Any, Any, Any, Any]:
    shape = masks.shape[1:]
    low, high = np.broadcast_to(claim.low, shape), np.broadcast_to(claim.high, shape)
    kept = np.ones(shape, dtype=bool)
    for along, places in claim.edges:
        np.moveaxis(kept, along, 0)[list(places)] = False
    for along, before, after in claim.continued:
        view = np.moveaxis(kept, along, 0)
        view[:before] = False
        view[len(view) - after :] = False
    return low, high, np.broadcast_to(claim.context, shape), kept


def _beyond(claim: Claim, masks: Any, dim: int) -> list[str]:
    low, high, context, kept = _spread(claim, masks)
    place = np.arange(len(masks)).reshape(-1, *(1,) * low.ndim)
    wrong = masks & ~(((place >= low) & (place <= high)) | context) & kept
    return [
        f"dimension {dim}: element {tuple(map(int, at[1:]))} reads {at[0]}, "
        f"not {low[tuple(at[1:])]} to {high[tuple(at[1:])]}"
        for at in np.argwhere(wrong)[:1]
    ]


def _unseen(claim: Claim, masks: Any, dim: int) -> list[str]:
    low, high, context, kept = _spread(claim, masks)
    count = len(masks)
    seen = masks.any(axis=0)
    first = np.where(seen, masks.argmax(axis=0), -1)
    last = np.where(seen, count - 1 - masks[::-1].argmax(axis=0), -1)
    local = (low <= high) & ~context
    inside = (low >= 0) & (high <= count - 1)
    wrong = local & inside & kept & ((first != low) | (last != high))
    return [
        f"dimension {dim}: element {tuple(map(int, at))} reads {first[tuple(at)]} to "
        f"{last[tuple(at)]}, not {low[tuple(at)]} to {high[tuple(at)]}"
        for at in np.argwhere(wrong)[:1]
    ]
