"""What works element by element, and what changes nothing."""

from __future__ import annotations

from typing import Any

from rfa_core.frontends.tensorflow.folding import shape_of
from rfa_core.frontends.tensorflow.operators.batches import Batched, batched
from rfa_core.frontends.tensorflow.operators.norms import normalised
from rfa_core.frontends.tensorflow.reading import Reading, live_operands
from rfa_core.frontends.tensorflow.registry import translates
from rfa_core.graph import operations as op

_ELEMENTWISE = [
    "Abs", "Acos", "Acosh", "Add", "AddN", "AddV2", "Angle", "ApproximateEqual", "Asin",
    "Asinh", "Atan", "Atan2", "Atanh", "BesselI0", "BesselI0e", "BesselI1", "BesselI1e",
    "Betainc", "BiasAdd", "BiasAddV1", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Bucketize",
    "Ceil", "ClipByValue", "Complex", "ComplexAbs", "Conj", "Cos", "Cosh", "Digamma", "Div",
    "DivNoNan", "Elu", "Equal", "Erf", "Erfc", "Erfinv", "Exp", "Expm1",
    "FakeQuantWithMinMaxArgs", "FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsPerChannel",
    "Floor", "FloorDiv", "FloorMod", "Greater", "GreaterEqual", "HSVToRGB", "Igamma", "Igammac",
    "Imag", "Inv", "Invert", "IsFinite", "IsInf", "IsNan", "LeakyRelu", "LeftShift", "Less",
    "LessEqual", "Lgamma", "Log", "Log1p", "LogicalAnd", "LogicalNot", "LogicalOr",
    "MatrixBandPart", "Maximum", "Minimum", "Mod", "Mul", "MulNoNan", "Ndtri", "Neg",
    "NextAfter", "NotEqual", "Polygamma", "Pow", "QuantizeAndDequantizeV2",
    "QuantizeAndDequantizeV3", "QuantizeAndDequantizeV4", "Real", "RealDiv", "Reciprocal",
    "Relu", "Relu6", "RightShift", "Rint", "Round", "Rsqrt", "Select", "SelectV2", "Selu",
    "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Square",
    "SquaredDifference", "Sub", "Tan", "Tanh", "TruncateDiv", "TruncateMod", "Xdivy", "Xlog1py",
    "Xlogy", "Zeta",
]  # fmt: skip
_NAMES = {"BiasAdd": "add", "AddV2": "add", "RealDiv": "div", "SelectV2": "where"}
_SAME = [
    "Identity", "StopGradient", "PreventGradient", "Snapshot", "CheckNumerics",
    "PlaceholderWithDefault", "Cast", "EnsureShape", "DebugIdentityV2", "DeepCopy", "Copy",
]  # fmt: skip


@translates(*_ELEMENTWISE)
def _pointwise(reading: Reading, operation: Any) -> None:
    out = operation.outputs[0]
    kind = _NAMES.get(operation.type, operation.type.lower())
    live = [tensor for tensor in operation.inputs if reading.is_live(tensor)]
    moved = batched(reading, live[0]) if len(live) == 1 else None
    if moved is not None and _keeps_batches(reading, operation):
        source = moved.whole(reading)
        shape = reading.draft.shape(source)
        name = reading.write(op.Pointwise(), [source], shape, kind)
        reading.bind(out, Batched(name, moved.blocks, cropped=moved.cropped))
        return
    norm = normalised(reading, operation, live)
    if norm is not None:
        reading.bind(out, norm)
        return
    shape = shape_of(out) or ()
    reading.bind(out, reading.write(op.Pointwise(), live_operands(reading, operation), shape, kind))


def _keeps_batches(reading: Reading, operation: Any) -> bool:
    """Whether the constants are the same at all positions, so that these may move."""
    constants = [tensor for tensor in operation.inputs if not reading.is_live(tensor)]
    shapes = [shape_of(tensor) for tensor in constants]
    return all(shape is not None and max(shape[:-1], default=1) == 1 for shape in shapes)


@translates(*_SAME)
def _same(reading: Reading, operation: Any) -> None:
    source, out = operation.inputs[0], operation.outputs[0]
    reading.bind(out, reading.deferred(source) or reading.operand(source))


@translates("IdentityN")
def _all_the_same(reading: Reading, operation: Any) -> None:
    for source, out in zip(operation.inputs, operation.outputs, strict=True):
        if reading.is_live(source):
            reading.bind(out, reading.deferred(source) or reading.operand(source))


@translates("Assert", "NoOp", "Print", "PrintV2")
def _nothing(reading: Reading, operation: Any) -> None:
    for out in operation.outputs:
        reading.bind(out, reading.operand(operation.inputs[0]))
