"""The blueprints as PyTorch's exporter writes them."""

from __future__ import annotations

import io

import onnx
import torch

from builders import torch_nets

SIZE = torch_nets.SIZE


def build(name: str) -> onnx.ModelProto:
    """A model for images of any size."""
    model = torch_nets.build(name).to_empty(device="cpu")
    written = io.BytesIO()
    torch.onnx.export(
        model,
        (torch.zeros(1, 3, SIZE, SIZE),),
        written,
        dynamo=False,
        input_names=["image"],
        dynamic_axes={"image": {2: "height", 3: "width"}},
    )
    return onnx.load_from_string(written.getvalue())
