"""Elementwise operations, norms, and what leaves a tensor as it is."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.frontends.keras.calls import Call
from rfa_core.frontends.keras.registry import operation
from rfa_core.frontends.phrases import broadcast, sliced, softmax
from rfa_core.frontends.phrases import elementwise as pointwise
from rfa_core.graph import operations as op


@operation(
    "Absolute", "Fabs", "Add", "Angle", "Arccos", "Arccosh", "Arcsin", "Arcsinh", "Arctan",
    "Arctan2", "Arctanh", "BitwiseAnd", "BitwiseInvert", "BitwiseLeftShift", "BitwiseNot",
    "BitwiseOr", "BitwiseRightShift", "BitwiseXor", "Cbrt", "Ceil", "Celu", "Clip", "Conjugate",
    "Cos", "Cosh", "Deg2rad", "Divide", "DivideNoNan", "Elu", "Equal", "Erf", "Erfc", "Erfinv",
    "Exp", "Exp2", "Expm1", "Floor", "FloorDivide", "Fmax", "Fmin", "Fmod", "Gcd", "Gelu",
    "Greater", "GreaterEqual", "HardShrink", "HardSigmoid", "HardSilu", "HardTanh", "Heaviside",
    "Hypot", "I0", "Imag", "Isclose", "Isfinite", "Isinf", "Isnan", "Isneginf", "Isposinf",
    "Isreal", "Lcm", "Ldexp", "LeakyRelu", "LeftShift", "Less", "LessEqual", "Log", "Log10",
    "Log1p", "Log2", "LogSigmoid", "Logaddexp", "Logaddexp2", "LogicalAnd", "LogicalNot",
    "LogicalOr", "LogicalXor", "Maximum", "Minimum", "Mish", "Mod", "Multiply", "NanToNum",
    "Negative", "Nextafter", "NotEqual", "Polar", "Power", "Rad2deg", "ReLU", "Real", "Reciprocal",
    "Relu", "Relu6", "RightShift", "Round", "Rsqrt", "Select", "Selu", "Sigmoid", "Sign",
    "Signbit", "Silu", "Sin", "Sinc", "Sinh", "SoftShrink", "Softplus", "Softsign",
    "SparsePlus", "SparseSigmoid", "Sqrt", "Square", "Squareplus", "Subtract", "Tan", "Tanh",
    "TanhShrink", "Threshold", "Tril", "Triu", "TrueDivide", "Trunc", "Where",
)  # fmt: skip
def elementwise(call: Call) -> str:
    """Constants only widen the result; they are no operands otherwise."""
    names = list(call.operands())
    if broadcast([call.draft.shape(name) for name in names]) != call.shape:
        names.append(call.draft.constant(call.shape))
    return pointwise(call.draft, names, call.kind)


@operation(
    "Array", "Cast", "ConvertToTensor", "Copy", "Identity", "SaturateCast", "StopGradient"
)  # fmt: skip
def _same(call: Call) -> str:
    return call.source()


@operation("EmptyLike", "FullLike", "OnesLike", "ZerosLike")
def _constant(call: Call) -> str:
    """Only the shape of the argument matters, unless it is filled with a computed value."""
    if call.is_live("fill_value"):
        return elementwise(call)
    return call.draft.constant(call.shape)


@operation("Ndim", "Size", "Shape")
def _shape(call: Call) -> str:
    return call.draft.constant(call.shape)


@operation("BatchNorm")
def _batch_norm(call: Call) -> str:
    """With statistics that were computed from the input before, they are what carries them."""
    if len(list(call.operands())) > 1:
        return elementwise(call)
    return call.draft.add(op.Norm(()), [call.source()], call.shape, "batch_norm")


@operation("LayerNorm", "RMSNorm")
def _norm(call: Call) -> str:
    axis = call.get("axis")
    dims = _dims(axis, len(call.shape))
    return call.draft.add(op.Norm(dims), [call.source()], call.shape, call.kind)


@operation("Normalize")
def _normalize(call: Call) -> str:
    return call.draft.add(
        op.Norm(_dims(call.get("axis"), len(call.shape))), [call.source()], call.shape, "normalize"
    )


@operation("Softmax", "LogSoftmax", "Sparsemax")
def _softmax(call: Call) -> str:
    axis = call.get("axis")
    dims = range(len(call.shape)) if axis is None else axis
    return softmax(call.draft, call.source(), [dims] if isinstance(dims, int) else list(dims))


@operation("Glu")
def _glu(call: Call) -> str:
    """One half is gated by the other."""
    name, axis = call.source(), call.get("axis")
    half = call.draft.shape(name)[axis] // 2
    halves = [sliced(call.draft, name, {axis: range(start, start + half)}) for start in (0, half)]
    return pointwise(call.draft, halves, "glu")


def _dims(axis: int | Sequence[int], rank: int) -> tuple[int, ...]:
    axes = [axis] if isinstance(axis, int) else list(axis)
    return tuple(sorted({dim % rank for dim in axes}))
