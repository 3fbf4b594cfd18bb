"""Small ONNX models that use many kinds of operators, to begin from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

_OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]


def onnx_models() -> Iterator[ModelProto]:
    """Convolutions, attention, a recurrent network, a loop, a function, quantised weights."""
    yield _model([_conv("x", "a"), _node("Relu", "a", "y")])
    yield _model(
        [
            _conv("x", "a", strides=[2, 2]),
            _node("MaxPool", "a", "p", kernel_shape=[2, 2], strides=[2, 2]),
            _node("GlobalAveragePool", "a", "g"),
            _node("Resize", "p,,factors", "r", mode="nearest"),
            _node("Concat", "a,r", "c", axis=1),
            _node("Mul", "a,g", "y"),
        ],
        factors=np.array([1, 1, 2, 2], np.float32),
    )
    yield _model(
        [
            _node("Shape", "x", "s"),
            _node("Slice", "s,zero,one", "n"),
            _node("Concat", "n,rest", "t", axis=0),
            _node("Reshape", "x,t", "f"),
            _node("Transpose", "f", "g", perm=[0, 2, 1]),
            _node("MatMul", "f,g", "m"),
            _node("Softmax", "m", "q", axis=-1),
            _node("MatMul", "q,f", "y"),
        ],
        zero=np.array([0]), one=np.array([1]), rest=np.array([3, -1]),
    )  # fmt: skip
    yield _model(
        [
            _node("Squeeze", "x,zero", "v"),
            _node("Reshape", "v,t", "u"),
            _node("LSTM", "u,lw,lr", "l,h", hidden_size=2),
            _node("ReduceMean", "l", "y", axes=[0], keepdims=0),
        ],
        zero=np.array([0]), t=np.array([64, 1, -1]), lw=np.zeros((1, 8, 3), np.float32),
        lr=np.zeros((1, 8, 2), np.float32),
    )  # fmt: skip
    yield _model([_loop()], rounds=np.array(3), go=np.array(True))
    yield _model(
        [
            _node("QuantizeLinear", "x,scale,point", "q"),
            _node("DequantizeLinear", "q,scale,point", "d"),
            _node("Pad", "d,pads", "p", mode="reflect"),
            _conv("p", "a", pads=None),
            _node("twice", "a", "y", domain="own"),
        ],
        scale=np.float32(0.1), point=np.uint8(0), pads=np.array([0, 0, 1, 1, 0, 0, 1, 1]),
    )  # fmt: skip
    yield _model(
        [
            _node("Gather", "x,at", "a", axis=2),
            _node("Split", "a", "l,r", axis=3),
            _node("ConvTranspose", "l,tw", "t", strides=[2, 2]),
            _node("DepthToSpace", "t", "d", blocksize=2),
            _node("BatchNormalization", "d,n1,n1,n1,n1", "y"),
        ],
        at=np.array([0, 2, 4, 5]), tw=np.zeros((3, 4, 2, 2), np.float32),
        n1=np.ones(1, np.float32),
    )  # fmt: skip


def _model(nodes: Sequence[NodeProto], **held: Any) -> ModelProto:
    weights = [numpy_helper.from_array(np.asarray(value), name) for name, value in held.items()]
    weights.append(numpy_helper.from_array(np.zeros((4, 3, 3, 3), np.float32), "w"))
    image = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, "h", "w"])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "net", [image], [result], weights)
    double = helper.make_function(
        "own", "twice", ["a"], ["b"],
        [_node("Relu", "a", "m"), _node("Add", "m,m", "b")], _OPSETS,
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=_OPSETS, ir_version=8, functions=[double])


def _node(kind: str, given: str, made: str, **attributes: Any) -> NodeProto:
    return helper.make_node(kind, given.split(","), made.split(","), made, **attributes)


def _conv(given: str, made: str, **attributes: Any) -> NodeProto:
    return _node("Conv", f"{given},w", made, **{"pads": [1, 1, 1, 1], **attributes})


def _loop() -> NodeProto:
    """Three rounds of a pooling that keeps the size."""
    values = [
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("c", TensorProto.BOOL, []),
        helper.make_tensor_value_info("v", TensorProto.FLOAT, None),
    ]
    results = [
        helper.make_tensor_value_info("k", TensorProto.BOOL, []),
        helper.make_tensor_value_info("o", TensorProto.FLOAT, None),
    ]
    inside = [
        _node("Identity", "c", "k"),
        _node("AveragePool", "v", "o", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    ]
    body = helper.make_graph(inside, "body", values, results)
    return _node("Loop", "rounds,go,x", "y", body=body)
