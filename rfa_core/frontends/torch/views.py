"""Tensors that share memory: what a write changes, and what a view reads afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from torch import Tensor

from rfa_core.frontends.torch.aliases import box_of
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape


class Writer(Protocol):
    """Writes nodes down."""

    def step(
        self, operation: op.Operation, operands: Iterable[str], shape: Iterable[int], kind: str
    ) -> str: ...

    def shape(self, name: str) -> Shape: ...


def overwritten(
    writer: Writer, view: Tensor, base: Tensor, operands: tuple[str, str], kind: str
) -> str:
    """The node of ``base`` after ``view`` was written; ``operands`` are the two before that."""
    if not view.numel():
        return operands[0]
    box = box_of(view, base)
    if box is None:
        reason = f"{kind} writes into a view whose place is not known"
        return writer.step(op.Unknown(reason), operands, base.shape, kind)
    under, value = operands
    if box.order != tuple(range(view.dim())):
        shape = tuple(view.shape[dim] for dim in box.order)
        value = writer.step(op.Permute(box.order), [value], shape, kind)
    if writer.shape(value) != box.sizes:
        value = writer.step(op.Reshape(), [value], box.sizes, kind)
    return writer.step(op.Overwrite(box.starts, box.steps), [under, value], base.shape, kind)


def reread(writer: Writer, view: Tensor, base: Tensor, name: str) -> str:
    """The node of ``view`` as a part of node ``name``, which ``base`` has become."""
    box, kind = box_of(view, base), "view"
    if box is None:
        reason = "reads a view, whose place is not known, of what was overwritten"
        return writer.step(op.Unknown(reason), [name], view.shape, kind)
    shape = list(base.shape)
    for dim, (start, step, size) in enumerate(zip(box.starts, box.steps, box.sizes, strict=True)):
        if size != shape[dim]:
            shape[dim] = size
            name = writer.step(op.Slice(dim, start, step), [name], shape, kind)
    ordered = tuple(view.shape[dim] for dim in box.order)
    name = writer.step(op.Reshape(), [name], ordered, kind)
    return writer.step(op.Permute(box.inverse), [name], view.shape, kind)
