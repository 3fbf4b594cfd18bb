"""Arithmetic of shapes: operators on small tensors whose numbers are known, in numpy.

Nothing else is computed: no weights, no inputs, and no result of more than
``MOST_ELEMENTS`` elements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
from onnx import helper

from rfa_core.frontends.onnx.registry import Call, UndecidedError
from rfa_core.frontends.onnx.values import MOST_ELEMENTS, Array

Fold = Callable[[Call], Any]
_FOLDS: dict[str, Fold] = {}


def folds(name: str, call: Call) -> tuple[Array, ...] | None:
    """The results of an operator of ai.onnx on known numbers; None if it is not arithmetic of
    shapes, is too large, or does not work out."""
    fold = _FOLDS.get(name)
    if fold is None or any(
        shape is not None and _size(shape) > MOST_ELEMENTS for shape in call.shapes
    ):
        return None
    try:
        with np.errstate(all="ignore"):
            found = fold(call)
    except (ArithmeticError, IndexError, TypeError, ValueError, KeyError, UndecidedError):
        return None
    results = found if isinstance(found, (list, tuple)) else (found,)
    arrays = tuple(np.asarray(result) for result in results)
    return arrays if all(array.size <= MOST_ELEMENTS for array in arrays) else None


def _size(shape: Sequence[int]) -> int:
    return int(np.prod(np.asarray(shape, dtype=np.float64)))


def _folds(*names: str) -> Callable[[Fold], Fold]:
    def register(fold: Fold) -> Fold:
        _FOLDS.update(dict.fromkeys(names, fold))
        return fold

    return register


def _all(call: Call) -> list[Array]:
    return [call.data(place) for place in range(len(call.inputs))]


_ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "Abs": np.abs, "Add": np.add, "And": np.logical_and, "Ceil": np.ceil, "Cos": np.cos,
    "Equal": np.equal, "Exp": np.exp, "Floor": np.floor, "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal, "Identity": np.array, "IsNaN": np.isnan, "Less": np.less,
    "LessOrEqual": np.less_equal, "Log": np.log, "Mul": np.multiply, "Neg": np.negative,
    "Not": np.logical_not, "Or": np.logical_or, "Pow": lambda a, b: np.power(a, b).astype(a.dtype),
    "Reciprocal": lambda a: (1 / a).astype(a.dtype), "Round": np.round, "Sign": np.sign,
    "Sin": np.sin, "Sqrt": np.sqrt, "Sub": np.subtract, "Where": np.where,
    "Xor": np.logical_xor,
}  # fmt: skip


@_folds(*_ELEMENTWISE)
def _elementwise(call: Call) -> Any:
    return _ELEMENTWISE[call.name](*_all(call))


@_folds("Max", "Min", "Sum")
def _many(call: Call) -> Any:
    way = {"Max": np.maximum, "Min": np.minimum, "Sum": np.add}[call.name]
    return reduce(way, _all(call))


@_folds("Div", "Mod")
def _divided(call: Call) -> Any:
    """Whole numbers are divided towards zero; ``Mod`` follows the divisor unless ``fmod``."""
    left, right = call.data(0), call.data(1)
    if call.name == "Mod":
        return np.fmod(left, right) if call.attr("fmod", 0) else np.mod(left, right)
    if not np.issubdtype(left.dtype, np.integer):
        return left / right
    if not right.all():
        raise ValueError("a division by zero")
    quotient = np.abs(left) // np.abs(right)
    return (quotient * np.sign(left) * np.sign(right)).astype(left.dtype)


@_folds("Cast", "CastLike")
def _cast(call: Call) -> Any:
    value = call.value(1)
    kind = call.attr("to") if call.name == "Cast" else value.type if value else 1
    return call.data(0).astype(helper.tensor_dtype_to_np_dtype(int(kind)))


@_folds("Clip")
def _clip(call: Call) -> Any:
    low, high = call.numbers(1, "min"), call.numbers(2, "max")
    ends = [one[0] if isinstance(one, list) else one for one in (low, high)]
    return np.clip(call.data(0), *ends)


@_folds("Concat")
def _concat(call: Call) -> Any:
    return np.concatenate(_all(call), axis=call.attr("axis", 1))


@_folds("Gather")
def _gather(call: Call) -> Any:
    return np.take(call.data(0), call.data(1).astype(np.int64), axis=call.attr("axis", 0))


@_folds("GatherElements")
def _gather_elements(call: Call) -> Any:
    return np.take_along_axis(call.data(0), call.data(1), axis=call.attr("axis", 0))


@_folds("GatherND")
def _gather_nd(call: Call) -> Any:
    if call.attr("batch_dims", 0):
        raise ValueError("batches of indices")
    return call.data(0)[tuple(np.moveaxis(call.data(1), -1, 0))]


@_folds("ScatterND")
def _scatter_nd(call: Call) -> Any:
    if call.attr("reduction", "none") != "none":
        raise ValueError("a reduction")
    result = call.data(0).copy()
    result[tuple(np.moveaxis(call.data(1), -1, 0))] = call.data(2)
    return result


@_folds("Unsqueeze", "Squeeze", "Reshape", "Flatten", "Expand")
def _shaped(call: Call) -> Any:
    """The shape that ONNX infers, numbers in the same order."""
    data = call.data(0)
    return np.broadcast_to(data, call.shape) if call.name == "Expand" else data.reshape(call.shape)


@_folds("Transpose")
def _transpose(call: Call) -> Any:
    return np.transpose(call.data(0), call.attr("perm"))


@_folds("Slice")
def _slice(call: Call) -> Any:
    data = call.data(0)
    starts, ends = call.numbers(1, "starts"), call.numbers(2, "ends")
    axes = call.numbers(3, "axes") or range(len(starts))
    steps = call.numbers(4) or [1] * len(starts)
    cut = [slice(None)] * data.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        stop = None if step < 0 and end <= -(2**31) + 1 else end
        cut[axis] = slice(start, stop, step)
    return data[tuple(cut)]


@_folds("Split")
def _split(call: Call) -> Any:
    data, axis = call.data(0), call.attr("axis", 0)
    ends = np.cumsum([call.made(place)[axis] for place in range(len(call.shapes))])
    return np.split(data, ends[:-1], axis=axis)


@_folds("Tile")
def _tile(call: Call) -> Any:
    return np.tile(call.data(0), call.data(1))


@_folds("Range")
def _range(call: Call) -> Any:
    start, limit, delta = (call.data(place).reshape(()) for place in range(3))
    if (limit - start) / delta > MOST_ELEMENTS:
        raise ValueError("too long")
    return np.arange(start.item(), limit.item(), delta.item(), dtype=start.dtype)


@_folds("ConstantOfShape")
def _filled(call: Call) -> Any:
    shape = tuple(int(size) for size in call.data(0))
    if _size(shape) > MOST_ELEMENTS:
        raise ValueError("too large")
    given = call.attr("value")
    value = np.zeros(1, np.float32) if given is None else given.data
    return np.full(shape, value.reshape(-1)[0], dtype=value.dtype)


_REDUCTIONS: dict[str, Callable[..., Any]] = {
    "ReduceMax": np.max, "ReduceMin": np.min, "ReduceProd": np.prod, "ReduceSum": np.sum,
    "ReduceMean": np.mean,
}  # fmt: skip


@_folds(*_REDUCTIONS)
def _reduce(call: Call) -> Any:
    data, axes = call.data(0), call.numbers(1, "axes")
    if not axes and call.attr("noop_with_empty_axes", 0):
        return data
    keep = bool(call.attr("keepdims", 1))
    result = _REDUCTIONS[call.name](data, axis=tuple(axes) if axes else None, keepdims=keep)
    return np.asarray(result).astype(data.dtype)


@_folds("CumSum")
def _cumulative(call: Call) -> Any:
    if call.attr("exclusive", 0) or call.attr("reverse", 0):
        raise ValueError("not from the front")
    return np.cumsum(call.data(0), axis=int(call.data(1).reshape(-1)[0]))


@_folds("NonZero")
def _nonzero(call: Call) -> Any:
    return np.array(np.nonzero(call.data(0)), dtype=np.int64)


@_folds("Trilu")
def _triangle(call: Call) -> Any:
    offset = int(call.numbers(1, default=[0])[0])
    return (np.triu if call.attr("upper", 1) else np.tril)(call.data(0), offset)
