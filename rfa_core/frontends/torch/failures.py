"""What a failed forward pass means."""

from __future__ import annotations

import re
import traceback
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map_only

from rfa_core.frontends import places
from rfa_core.frontends.base import ForwardError
from rfa_core.frontends.places import Place
from rfa_core.graph.model import Graph, Location

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
    "can't convert meta",
    "torch.meta.",
    "converted to numpy",
    "fake impl",
    "copy out of meta",
)


class DataDecideError(RuntimeError):
    """An operation on what depends on the input, whose result has a size that data decide."""


def needs_values(error: BaseException | None) -> bool:
    """Whether a forward pass failed because the meta device has no values."""
    if isinstance(error, DataDecideError):
        return True
    text = str(error).lower() if error is not None else ""
    return any(sign in text for sign in _VALUE_SIGNS)


def explained(func: Any, args: Any, kwargs: Any, error: Exception, live: bool) -> Exception:
    """What the operation that failed on the meta device says on the CPU, if it fails there.

    Messages of the meta device are shorter: "Invalid channel dimensions", and not which.
    Some results have a size that only the values of a ``live`` operand tell.
    """
    if needs_values(error):
        decided = live and (torch.Tag.dynamic_output_shape in func.tags or _name(func) == "nms")
        return DataDecideError(f"data decide what {_name(func)} returns") if decided else error
    try:
        func(*tree_map_only(Tensor, _on_cpu, args), **tree_map_only(Tensor, _on_cpu, kwargs))
    except RuntimeError as better:
        return better.with_traceback(None)  # its frames would keep the operands
    return error


def _name(func: Any) -> str:
    return str(func.name()).rpartition("::")[2].partition(".")[0].strip("_")


def _on_cpu(tensor: Tensor) -> Tensor:
    """Of the same shape; numbers are not written, so that weights take no memory."""
    make = torch.empty if tensor.is_floating_point() else torch.zeros
    return make(tensor.shape, dtype=tensor.dtype)


def place_of(error: BaseException | None, layer: str, root: str | None) -> Place:
    """Where ``error`` was raised: the innermost line of the project that led to it.

    TorchScript keeps no frames of its own; it writes its lines into the message.
    """
    scripted = [Location(file, int(line)) for file, line in _SCRIPTED.findall(str(error))]
    return places.place_of(error, layer, root, scripted)


def cause(error: BaseException, failed: BaseException | None) -> BaseException:
    """What ended the forward pass: TorchScript drops the message of the operation that failed."""
    return failed if failed is not None and _INTERPRETER in str(error) else error


def reason(error: BaseException) -> str:
    """The kind of error and the first line of its message; of TorchScript's own the last.

    That data decide is no error, and stands for itself.
    """
    lines = str(error).strip().splitlines()
    if not lines:
        return type(error).__name__
    if isinstance(error, DataDecideError):
        return lines[0]
    if _INTERPRETER in lines[0]:
        return lines[-1][:300]
    return f"{type(error).__name__}: {lines[0][:300]}"


def failure(
    error: BaseException, why: str, place: Place, shapes: str, recorded: Graph
) -> ForwardError:
    """The forward pass on ``shapes`` raised ``error`` at ``place``, after ``recorded``."""
    details = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return ForwardError(
        f"{recorded.name}: the forward pass on {shapes} fails in {place}: {why}",
        next((hint for sign, hint in _HINTS if re.search(sign, why, re.IGNORECASE)), _SHAPE),
        place.layer,
        why,
        details,
        recorded,
    )


_INTERPRETER = "failed in the TorchScript interpreter"
_SCRIPTED = re.compile(r'File "(.+)", line (\d+)')
_SHAPE = "if the input is of another shape, give it as `input-shape` in its entry of `factories`"
_HINTS = (
    (
        r"positional arguments?\b",
        "give a shape for each tensor that forward takes as `input-shape`, as [[1, 3, 'H', 'W'], "
        "[1]]; whatever else it needs a module can pass on whose forward takes tensors alone",
    ),
    (
        r"\bcuda\b|nvidia",
        "the model is read without a GPU: let its forward take the device of its input, as in "
        "`torch.zeros(3, device=x.device)`",
    ),
)
"""Signs in an error's message, to what helps; the first that fits."""
