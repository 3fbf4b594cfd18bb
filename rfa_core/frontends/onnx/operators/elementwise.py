"""Elementwise operators, norms and what only copies."""

from __future__ import annotations

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.registry import MICROSOFT, Call, RefusedError, Results, translates
from rfa_core.frontends.phrases import broadcast, contraction, expanded, reshaped
from rfa_core.graph import operations as op

_KINDS = {
    "HardSigmoid": "hardsigmoid",
    "HardSwish": "hardswish",
    "LeakyRelu": "leaky_relu",
    "PRelu": "prelu",
    "QuantizeLinear": "quantize",
    "DequantizeLinear": "dequantize",
}
"""Kinds that are not the operator's name in small letters."""


@translates(
    "Abs", "Acos", "Acosh", "And", "Asin", "Asinh", "Atan", "Atanh", "Bernoulli", "BitShift",
    "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Ceil", "Celu", "Clip", "Cos", "Cosh",
    "Elu", "Equal", "Erf", "Exp", "Floor", "Gelu", "Greater", "GreaterOrEqual", "HardSigmoid",
    "HardSwish", "IsInf", "IsNaN", "LeakyRelu", "Less", "LessOrEqual", "Log", "Max", "Mean", "Min",
    "Mish", "Mod", "Neg", "Not", "Or", "PRelu", "Pow", "Reciprocal", "Relu", "Round", "Selu",
    "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Sum", "Swish",
    "Tan", "Tanh", "ThresholdedRelu", "Trilu", "Where", "Xor", "Scale", "ImageScaler", "Affine",
    "ParametricSoftplus", "ScaledTanh",
)  # fmt: skip
@translates(
    "BiasAdd", "BiasDropout", "BiasGelu", "BiasSoftmax", "FastGelu", "Gelu", "QLinearAdd",
    "QLinearLeakyRelu", "QLinearMul", "QLinearSigmoid", "QLinearWhere", "QuickGelu", "Trilu",
    "BitmaskDropout",
    domain=MICROSOFT,
)  # fmt: skip
def _pointwise(draft: Draft, call: Call) -> Results:
    kind = _KINDS.get(call.name, call.name.removeprefix("QLinear").lower())
    return _united(draft, call, kind)


def _united(draft: Draft, call: Call, kind: str) -> str:
    shapes = [value.shape for value in call.inputs if value is not None and value.shape is not None]
    shape = (call.shapes[0] if call.shapes else None) or broadcast(shapes)
    for name in call.live:
        own = draft.shape(name)
        if len(own) > len(shape) or any(
            size not in (1, wide) for size, wide in zip(own[::-1], shape[::-1], strict=False)
        ):
            raise RefusedError(f"a tensor of {list(own)} does not fit one of {list(shape)}")
    return draft.add(op.Pointwise(), call.live, shape, kind)


@translates("Add", "Sub", "Mul", "Div")
def _arithmetic(draft: Draft, call: Call) -> Results:
    """Before opset 7, ``axis`` says which dimension of the first operand the second begins at."""
    kind = call.name.lower()
    axis = call.attr("axis")
    if axis is None or not call.attr("broadcast", 0) or not call.is_live(1):
        return _united(draft, call, kind)
    left, right = call.shape_of(0), call.shape_of(1)
    rank = len(left)
    wide = (*right, *(1,) * (rank - axis % rank - len(right)))
    names = [call.operand(draft, 0)] if call.is_live(0) else []
    names.append(reshaped(draft, call.operand(draft, 1), wide))
    return draft.add(op.Pointwise(), names, left, kind)


@translates("QuantizeLinear", "DequantizeLinear")
@translates("QuantizeLinear", "DequantizeLinear", domain=MICROSOFT)
def _quantised(draft: Draft, call: Call) -> Results:
    """Scales and zero points are numbers of the whole tensor or of its channels."""
    shape = call.shape_of(0)
    return draft.add(op.Pointwise(), call.live, shape, _KINDS[call.name])


@translates("DynamicQuantizeLinear")
def _quantised_dynamically(draft: Draft, call: Call) -> Results:
    """The range of the tensor is a statistic and carries no pattern, as in a norm."""
    name = draft.add(op.Norm(), [call.operand(draft, 0)], call.shape_of(0), "quantize")
    return name, None, None


@translates("Identity", "Cast", "CastLike", "BitCast", "Dropout")
def _copied(_draft: Draft, call: Call) -> Results:
    """The same tensor; a second result (a mask) depends on nothing."""
    value = call.value(0)
    return (value.node if value else None, *(None for _ in call.shapes[1:]))


@translates("Shape", "Size", "RandomNormalLike", "RandomUniformLike", "EyeLike", "ConstantOfShape")
def _shape_alone(_draft: Draft, call: Call) -> Results:
    """Only the shape of the operand matters: the result is a constant."""
    return (None,) * len(call.shapes)


@translates("BatchNormalization")
def _batch_norm(draft: Draft, call: Call) -> Results:
    name = call.operand(draft, 0)
    made = draft.add(op.Norm(), [name], draft.shape(name), "batch_norm")
    return made, *(_statistic(draft, call) for _ in call.shapes[1:])


def _statistic(draft: Draft, call: Call) -> str:
    """Means and variances over all but the channels, which training returns as well."""
    rank = len(call.shape_of(0))
    operation = contraction(rank, [dim for dim in range(rank) if dim != 1], keep=False)
    channels = call.shape_of(0)[1:2]
    return draft.add(operation, [call.operand(draft, 0)], channels, "batch_norm")


@translates("InstanceNormalization", "GroupNormalization", "MeanVarianceNormalization")
def _norm(draft: Draft, call: Call) -> Results:
    shape = call.shape_of(0)
    default = (0, 2, 3) if call.name == "MeanVarianceNormalization" else range(2, len(shape))
    dims = tuple(dim % len(shape) for dim in call.attr("axes", default))
    if call.name == "GroupNormalization":
        dims = tuple(range(1, len(shape)))
    return draft.add(op.Norm(dims), [call.operand(draft, 0)], shape, _NORMS[call.name])


@translates("LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization")
@translates("LayerNormalization", "SimplifiedLayerNormalization", domain=MICROSOFT)
def _layer_norm(draft: Draft, call: Call) -> Results:
    """The means and deviations that may be asked for, too, are sums over the same dimensions."""
    shape = call.shape_of(0)
    rank = len(shape)
    dims = tuple(range(call.attr("axis", -1) % rank, rank))
    source, kind = call.operand(draft, 0), _NORMS[call.name]
    made = draft.add(op.Norm(dims), [source], shape, kind)
    kept = [1 if dim in dims else size for dim, size in enumerate(shape)]
    statistics = [
        draft.add(contraction(rank, dims, keep=True), [source], kept, kind) for _ in call.shapes[1:]
    ]
    return made, *statistics


@translates("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", domain=MICROSOFT)
def _skip_layer_norm(draft: Draft, call: Call) -> Results:
    """The sum of two tensors, and its norm; the sum is the last result."""
    live = call.live
    shape = broadcast([draft.shape(name) for name in live])
    total = draft.add(op.Pointwise(), live, shape, "add")
    made = draft.add(op.Norm((len(shape) - 1,)), [total], shape, _NORMS[call.name])
    return made, None, None, total


@translates("GroupNorm", "SkipGroupNorm", domain=MICROSOFT)
def _group_norm(draft: Draft, call: Call) -> Results:
    live = call.live
    shape = broadcast([draft.shape(name) for name in live])
    total = draft.add(op.Pointwise(), live, shape, "add") if len(live) > 1 else live[0]
    made = draft.add(op.Norm(tuple(range(1, len(shape)))), [total], shape, "group_norm")
    return made, total


_NORMS = {
    "InstanceNormalization": "instance_norm",
    "GroupNormalization": "group_norm",
    "MeanVarianceNormalization": "instance_norm",
    "LayerNormalization": "layer_norm",
    "SimplifiedLayerNormalization": "rms_norm",
    "RMSNormalization": "rms_norm",
    "SkipLayerNormalization": "layer_norm",
    "SkipSimplifiedLayerNormalization": "rms_norm",
}


@translates("OneHot")
def _one_hot(draft: Draft, call: Call) -> Results:
    """Each element looked up in a table of its own dimension."""
    name, shape = call.operand(draft, 0), call.shape
    axis = call.attr("axis", -1) % len(shape)
    alone = [1 if dim == axis else size for dim, size in enumerate(shape)]
    return expanded(draft, reshaped(draft, name, alone, "one_hot"), shape, "one_hot")
