"""The blueprints as PyTorch's exporter writes them."""

from __future__ import annotations

import warnings

import onnx
import torch

from builders import torch_nets

SIZE = 64
"""Pixels per axis of the image that it is exported with; the file takes any."""


def build(name: str) -> onnx.ModelProto:
    """A model for images of any size."""
    model = torch_nets.build(name).to_empty(device="cpu")
    sizes = {2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            model,
            (torch.zeros(1, 3, SIZE, SIZE),),
            dynamo=True,
            optimize=False,
            verbose=False,
            dynamic_shapes=(sizes,),
        )
    assert program is not None
    return program.model_proto
