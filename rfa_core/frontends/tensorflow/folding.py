"""Arithmetic on shapes and other small constants, in NumPy: what the graph itself decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

Array = npt.NDArray[Any]
Fold = Callable[[Any, Sequence[Array]], "Array | Sequence[Array]"]

LARGEST = 1 << 16
"""Elements of the largest constant that is computed."""

_FOLDS: dict[str, Fold] = {}


def folds(*names: str) -> Callable[[Fold], Fold]:
    """Register how the TensorFlow operations ``names`` are computed."""

    def register(fold: Fold) -> Fold:
        for name in names:
            if name in _FOLDS:
                raise ValueError(f"two ways to compute {name}")
            _FOLDS[name] = fold
        return fold

    return register


def folded(op: Any, inputs: Sequence[Array | None]) -> list[Array | None]:
    """The values of the outputs of ``op``, None where they are unknown or large."""
    nothing: list[Array | None] = [None] * len(op.outputs)
    fold = _FOLDS.get(op.type)
    known = [value for value in inputs if value is not None]
    if fold is None or len(known) < len(inputs) or not all(map(_is_small, op.outputs)):
        return nothing
    try:
        with np.errstate(all="ignore"):
            made = fold(op, known)
    except (ValueError, IndexError, TypeError, OverflowError, ZeroDivisionError):
        return nothing
    outs = list(made) if isinstance(made, (list, tuple)) else [made]
    return [
        np.asarray(out, tensor.dtype.as_numpy_dtype)
        for out, tensor in zip(outs, op.outputs, strict=True)
    ]


def shape_of(tensor: Any) -> tuple[int, ...] | None:
    """The shape of a tensor, None if it is not all known."""
    return tuple(tensor.shape.as_list()) if tensor.shape.is_fully_defined() else None


def _is_small(tensor: Any) -> bool:
    shape = shape_of(tensor)
    is_plain = tensor.dtype.is_integer or tensor.dtype.is_floating or tensor.dtype.is_bool
    return is_plain and (shape is None or int(np.prod(shape)) <= LARGEST)


@folds("Const")
def _const(op: Any, _: Sequence[Array]) -> Array:
    value: Array = tf.make_ndarray(op.get_attr("value"))
    return value


@folds("Identity", "StopGradient", "Snapshot", "PlaceholderWithDefault", "EnsureShape")
def _identity(_: Any, values: Sequence[Array]) -> Array:
    return values[0]


@folds("IdentityN")
def _identities(_: Any, values: Sequence[Array]) -> Sequence[Array]:
    return values


@folds("Cast")
def _cast(op: Any, values: Sequence[Array]) -> Array:
    return values[0].astype(op.outputs[0].dtype.as_numpy_dtype)


@folds("Pack")
def _pack(op: Any, values: Sequence[Array]) -> Array:
    return np.stack(values, op.get_attr("axis"))


@folds("Unpack")
def _unpack(op: Any, values: Sequence[Array]) -> Sequence[Array]:
    return list(np.moveaxis(values[0], op.get_attr("axis"), 0))


@folds("ConcatV2")
def _concat(_: Any, values: Sequence[Array]) -> Array:
    return np.concatenate(values[:-1], int(values[-1]))


@folds("Split")
def _split(op: Any, values: Sequence[Array]) -> Sequence[Array]:
    return np.split(values[1], op.get_attr("num_split"), int(values[0]))


@folds("SplitV")
def _split_v(_: Any, values: Sequence[Array]) -> Sequence[Array]:
    return np.split(values[0], np.cumsum(values[1])[:-1], int(values[2]))


@folds("StridedSlice")
def _strided_slice(op: Any, values: Sequence[Array]) -> Array:
    array: Array = values[0][index_of(op, *values[1:])]
    return array


def index_of(op: Any, begin: Array, end: Array, strides: Array) -> tuple[Any, ...]:
    """What a StridedSlice cuts, as an index of NumPy's."""
    masks = {name: op.get_attr(f"{name}_mask") for name in _MASKS}
    index: list[Any] = []
    for at, (first, last, step) in enumerate(zip(begin, end, strides, strict=True)):
        chosen = {name for name, mask in masks.items() if mask >> at & 1}
        if "ellipsis" in chosen:
            index.append(Ellipsis)
        elif "new_axis" in chosen:
            index.append(None)
        elif "shrink_axis" in chosen:
            index.append(int(first))
        else:
            start = None if "begin" in chosen else int(first)
            stop = None if "end" in chosen else int(last)
            index.append(slice(start, stop, int(step)))
    return tuple(index)


_MASKS = ("begin", "end", "ellipsis", "new_axis", "shrink_axis")


@folds("Slice")
def _slice(_: Any, values: Sequence[Array]) -> Array:
    array, begin, size = values
    ends = [None if n < 0 else b + n for b, n in zip(begin, size, strict=True)]
    cut: Array = array[tuple(slice(int(b), e) for b, e in zip(begin, ends, strict=True))]
    return cut


@folds("Reshape")
def _reshape(_: Any, values: Sequence[Array]) -> Array:
    return values[0].reshape(values[1])


@folds("Squeeze")
def _squeeze(op: Any, values: Sequence[Array]) -> Array:
    return np.squeeze(values[0], tuple(op.get_attr("squeeze_dims")) or None)


@folds("ExpandDims")
def _expand_dims(_: Any, values: Sequence[Array]) -> Array:
    return np.expand_dims(values[0], int(values[1].reshape(())))


@folds("Transpose")
def _transpose(_: Any, values: Sequence[Array]) -> Array:
    return np.transpose(values[0], values[1])


@folds("Tile")
def _tile(_: Any, values: Sequence[Array]) -> Array:
    return np.tile(values[0], values[1])


@folds("BroadcastTo")
def _broadcast_to(_: Any, values: Sequence[Array]) -> Array:
    return np.broadcast_to(values[0], values[1])


@folds("Fill")
def _fill(_: Any, values: Sequence[Array]) -> Array:
    return np.full(values[0], values[1])


@folds("Range")
def _range(_: Any, values: Sequence[Array]) -> Array:
    return np.arange(*(value.item() for value in values))


@folds("ZerosLike")
def _zeros_like(_: Any, values: Sequence[Array]) -> Array:
    return np.zeros_like(values[0])


@folds("OnesLike")
def _ones_like(_: Any, values: Sequence[Array]) -> Array:
    return np.ones_like(values[0])


@folds("GatherV2")
def _gather(op: Any, values: Sequence[Array]) -> Array:
    if op.get_attr("batch_dims"):
        raise ValueError("gathered in batches")
    return np.take(values[0], values[1], int(values[2]))


@folds("Select", "SelectV2")
def _select(_: Any, values: Sequence[Array]) -> Array:
    return np.where(*values)


@folds("ReverseV2")
def _reverse(_: Any, values: Sequence[Array]) -> Array:
    return np.flip(values[0], tuple(values[1].tolist()))


def _simple(names: dict[str, Callable[..., Any]]) -> None:
    for name, function in names.items():
        folds(name)(_applied(function))


def _applied(function: Callable[..., Any]) -> Fold:
    def fold(_: Any, values: Sequence[Array]) -> Array:
        made: Array = function(*values)
        return made

    return fold


def _reduction(function: Any) -> Fold:
    def fold(op: Any, values: Sequence[Array]) -> Array:
        dims = tuple(np.atleast_1d(values[1]).tolist())
        reduced: Array = function(values[0], axis=dims, keepdims=op.get_attr("keep_dims"))
        return reduced

    return fold


_simple(
    {
        "Add": np.add, "AddV2": np.add, "Sub": np.subtract, "Mul": np.multiply,
        "Minimum": np.minimum, "Maximum": np.maximum, "FloorDiv": np.floor_divide,
        "FloorMod": np.mod, "RealDiv": np.divide, "Neg": np.negative, "Abs": np.abs,
        "Ceil": np.ceil, "Floor": np.floor, "Round": np.rint, "Rint": np.rint, "Sqrt": np.sqrt,
        "Rsqrt": lambda x: 1 / np.sqrt(x), "Square": np.square, "Pow": np.power, "Exp": np.exp,
        "Log": np.log, "Sign": np.sign,
        "Equal": np.equal, "NotEqual": np.not_equal, "Less": np.less, "Greater": np.greater,
        "LessEqual": np.less_equal, "GreaterEqual": np.greater_equal, "LogicalAnd": np.logical_and,
        "LogicalOr": np.logical_or, "LogicalNot": np.logical_not, "Invert": np.invert,
        "BroadcastArgs": lambda a, b: np.broadcast_shapes(tuple(a), tuple(b)),
    }
)  # fmt: skip
for _name, _function in {
    "Sum": np.sum, "Prod": np.prod, "Max": np.max, "Min": np.min, "All": np.all, "Any": np.any,
    "Mean": np.mean,
}.items():  # fmt: skip
    folds(_name)(_reduction(_function))


@folds("Div", "TruncateDiv")
def _divide(op: Any, values: Sequence[Array]) -> Array:
    quotient = np.divide(*values)
    made: Array = np.trunc(quotient) if op.outputs[0].dtype.is_integer else quotient
    return made
