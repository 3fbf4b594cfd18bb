"""Sliding windows laid out as a dimension, and their inverse."""

from __future__ import annotations

from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.frontends.torch.registry import translates
from rfa_core.graph import operations as op


@translates("unfold")
def _unfold(recorder: Recorder, call: Call) -> None:
    source, dim, size, step = call.args[:4]
    operation = op.Unfold(dim % source.dim(), size, step)
    recorder.emit(call.out, operation, [recorder.operand(source)], "unfold")


@translates("im2col")
def _im2col(recorder: Recorder, call: Call) -> None:
    """Padding, two sliding windows, and the taps moved beside the channels."""
    source, kernel, dilation, padding, stride = call.args[:5]
    rank = source.dim()
    lead = tuple(source.shape[:-2])
    pads = (0,) * (rank - 2) + tuple(padding)
    sizes = [source.shape[rank - 2 + k] + 2 * padding[k] for k in range(2)]
    name = recorder.operand(source)
    name = recorder.step(op.Pad(pads, pads), [name], (*lead, *sizes), "unfold")
    counts = []
    for k in range(2):
        span = (kernel[k] - 1) * dilation[k] + 1
        counts.append((sizes[k] - span) // stride[k] + 1)
        shape = (*lead, *counts, *sizes[k + 1 :], *kernel[: k + 1])
        operation = op.Unfold(rank - 2 + k, kernel[k], stride[k], dilation[k])
        name = recorder.step(operation, [name], shape, "unfold")
    order = (*range(rank - 2), rank, rank + 1, rank - 2, rank - 1)
    moved = (*lead, *kernel, *counts)
    name = recorder.step(op.Permute(order), [name], moved, "unfold")
    recorder.alias(call.out, recorder.step(op.Reshape(), [name], call.out.shape, "unfold"))


@translates("col2im")
def _col2im(recorder: Recorder, call: Call) -> None:
    """The taps moved behind the positions, two overlapping sums, and the padding cut off."""
    source, size, kernel, dilation, padding, stride = call.args[:6]
    lead = tuple(call.out.shape[:-2])
    rank = len(lead) + 2
    padded = [size[k] + 2 * padding[k] for k in range(2)]
    counts = [(padded[k] - (kernel[k] - 1) * dilation[k] - 1) // stride[k] + 1 for k in range(2)]
    name = recorder.operand(source)
    name = recorder.step(op.Reshape(), [name], (*lead, *kernel, *counts), "fold")
    order = (*range(rank - 2), rank, rank + 1, rank - 2, rank - 1)
    name = recorder.step(op.Permute(order), [name], (*lead, *counts, *kernel), "fold")
    width = op.Fold(rank - 1, rank + 1, stride[1], dilation[1])
    name = recorder.step(width, [name], (*lead, counts[0], padded[1], kernel[0]), "fold")
    height = op.Fold(rank - 2, rank, stride[0], dilation[0])
    name = recorder.step(height, [name], (*lead, *padded), "fold")
    crop = (0,) * (rank - 2) + tuple(-pad for pad in padding)
    recorder.emit(call.out, op.Pad(crop, crop), [name], "fold")
