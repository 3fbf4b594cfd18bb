"""What a failed forward pass means."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map_only

from rfa_core.frontends.base import ForwardError
from rfa_core.graph.model import Graph

_VALUE_SIGNS = (
    "meta tensor",
    "'meta' backend",
    "device meta",
    "meta device",
    "on meta",
    "expected all tensors to be on the same device",
    "expected to be in the same device",
    "not at the same device",
    "data-dependent",
    "aten::nonzero",
    "register_meta function",
    "item()",
    "unbacked",
    "cannot be converted to numpy",
    "can't convert meta",
)


class DataDecideError(RuntimeError):
    """An operation on what depends on the input, whose result only data can tell."""


def needs_values(error: BaseException | None) -> bool:
    """Whether a forward pass failed because the meta device has no values."""
    if isinstance(error, DataDecideError):
        return True
    text = str(error).lower() if error is not None else ""
    return any(sign in text for sign in _VALUE_SIGNS)


def explained(func: Any, args: Any, kwargs: Any, error: Exception, live: bool) -> Exception:
    """What the operation that failed on the meta device says on the CPU, if it fails there.

    Messages of the meta device are shorter: "Invalid channel dimensions", and not which.
    Some results have a size, or are a number, that only the values of a ``live`` operand tell.
    """
    if needs_values(error):
        decided = live and (torch.Tag.dynamic_output_shape in func.tags or _name(func) in _NUMBERS)
        return DataDecideError(f"data decide what {_name(func)} returns") if decided else error
    try:
        func(*tree_map_only(Tensor, _on_cpu, args), **tree_map_only(Tensor, _on_cpu, kwargs))
    except RuntimeError as better:
        return better
    return error


_NUMBERS = ("item", "equal", "is_nonzero", "nms")


def _name(func: Any) -> str:
    name = str(func.name()).rpartition("::")[2].partition(".")[0]
    return "item" if name == "_local_scalar_dense" else name.strip("_")


def _on_cpu(tensor: Tensor) -> Tensor:
    return torch.zeros(tensor.shape, dtype=tensor.dtype)


def reason(error: BaseException) -> str:
    """The kind of error and the first line of its message; data that decide are no error."""
    lines = str(error).strip().splitlines()
    if isinstance(error, DataDecideError):
        return lines[0]
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__


def words(layer: str) -> str:
    """A layer as a place in a sentence; the model itself has no path."""
    return layer or "the model's own forward"


def failure(
    error: BaseException, layer: str, shape: Sequence[int], recorded: Graph
) -> ForwardError:
    """The forward pass on ``shape`` raised ``error`` in ``layer``, after ``recorded``."""
    details = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    where = f"the forward pass on {list(shape)} fails in {words(layer)}"
    return ForwardError(
        f"{recorded.name}: {where}: {reason(error)}",
        "if the input is of another shape, give it as `input-shape` in its entry of `factories`",
        layer,
        reason(error),
        details,
        recorded,
    )
