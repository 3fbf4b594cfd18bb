"""ONNX: a graph that is there already, read node by node with all shapes known."""

from __future__ import annotations

from onnx import ModelProto

from rfa_core.frontends.onnx.files import load
from rfa_core.frontends.onnx.inputs import guess_inputs, sizes_named_by
from rfa_core.frontends.onnx.trace import trace


class OnnxFrontend:
    """Reads ``onnx.ModelProto``."""

    name = "onnx"
    guess_inputs = staticmethod(guess_inputs)
    sizes_named_by = staticmethod(sizes_named_by)
    trace = staticmethod(trace)
    open = staticmethod(load)

    @staticmethod
    def title(model: ModelProto) -> str:
        """The name of the graph."""
        return model.graph.name or "ONNX model"


FRONTEND = OnnxFrontend()
