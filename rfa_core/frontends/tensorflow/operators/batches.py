"""Dilation as TensorFlow writes it: space moved into the batch, a plain window, and back.

A tensor whose space was moved into its batch is put off: windows that read it are written as
dilated ones on the tensor before. Whatever else reads it gets the rearrangement itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rfa_core.frontends.phrases import padded, reshaped, sliced, transposed
from rfa_core.frontends.tensorflow.folding import shape_of
from rfa_core.frontends.tensorflow.reading import Reading
from rfa_core.frontends.tensorflow.registry import translates


@dataclass(frozen=True, slots=True)
class Batched:
    """The node ``source``, padded by ``before`` and ``after``, of whose dimensions ``blocks``
    every n-th position has moved into the batch (n by dimension). ``cropped`` says that what is
    cut off when they move back is gone already."""

    source: str
    blocks: Mapping[int, int]
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    cropped: bool = False

    def whole(self, reading: Reading) -> str:
        """The node of the padded source."""
        return padded(reading.draft, self.source, self.before, self.after)

    def written(self, reading: Reading) -> str:
        """The rearrangement: ``[N, H*b, C]`` to ``[b*N, H, C]``."""
        source = self.whole(reading)
        draft, shape = reading.draft, reading.draft.shape(source)
        split: list[int] = []
        blocks: list[int] = []
        rest: list[int] = []
        for dim, size in enumerate(shape):
            block = self.blocks.get(dim)
            rest.append(len(split))
            split += [size] if block is None else [size // block, block]
            blocks += [] if block is None else [len(split) - 1]
        name = reshaped(draft, source, split)
        name = transposed(draft, name, [*blocks, *rest])
        return reshaped(draft, name, batched_shape(shape, self.blocks))


def batched_shape(shape: tuple[int, ...], blocks: Mapping[int, int]) -> list[int]:
    """The shape after space has moved into the batch."""
    made = [size // blocks.get(dim, 1) for dim, size in enumerate(shape)]
    for block in blocks.values():
        made[0] *= block
    return made


def batched(reading: Reading, tensor: Any) -> Batched | None:
    """What ``tensor`` was before its space moved into the batch, if it did and has no node."""
    found = reading.deferred(tensor)
    return found if isinstance(found, Batched) else None


def crops_after(reading: Reading, operation: Any, count: int) -> list[tuple[int, int]]:
    """What is cut off the results of ``operation`` on their only way back to space, per block
    of several positions, of which there are ``count``; empty if they have another way."""
    while operation.type != "BatchToSpaceND":
        readers = [one for out in operation.outputs for one in out.consumers()]
        if len(readers) != 1 or readers[0].type not in (*_ON_THE_WAY, "BatchToSpaceND"):
            return []
        operation = readers[0]
    blocks, cut = (reading.value(tensor) for tensor in operation.inputs[1:])
    if blocks is None or cut is None:
        return []
    pairs = [(int(low), int(high)) for low, high in cut]
    several = [pair for pair, block in zip(pairs, blocks, strict=True) if block > 1]
    return several if len(several) == count and any(map(any, several)) else []


_ON_THE_WAY = ("BiasAdd", "Squeeze", "Identity", "Relu", "Relu6")


@translates("SpaceToBatchND")
def _space_to_batch(reading: Reading, operation: Any) -> None:
    source, block_shape, paddings = operation.inputs
    blocks, pads = reading.known(block_shape), reading.known(paddings)
    rest = [0] * (len(shape_of(source) or ()) - len(blocks) - 1)
    before, after = ((0, *(int(pad[end]) for pad in pads), *rest) for end in (0, 1))
    sizes = {dim: int(block) for dim, block in enumerate(blocks, 1) if block > 1}
    moved = Batched(reading.operand(source), sizes, before, after)
    reading.bind(operation.outputs[0], moved if sizes else moved.whole(reading))


@translates("BatchToSpaceND")
def _batch_to_space(reading: Reading, operation: Any) -> None:
    source, block_shape, crops = operation.inputs
    blocks, cut = reading.known(block_shape), reading.known(crops)
    sizes = {dim: int(block) for dim, block in enumerate(blocks, 1) if block > 1}
    known = batched(reading, source)
    if known is not None and known.blocks == sizes:
        name = known.whole(reading)
        cut = cut * (0 if known.cropped else 1)
    else:
        name = _unbatched(reading, reading.operand(source), sizes)
    shape = reading.draft.shape(name)
    kept = {dim: range(int(low), shape[dim] - int(high)) for dim, (low, high) in enumerate(cut, 1)}
    reading.bind(operation.outputs[0], sliced(reading.draft, name, kept, "crop"))


def _unbatched(reading: Reading, name: str, blocks: Mapping[int, int]) -> str:
    """``[b*N, H, C]`` to ``[N, H*b, C]``."""
    draft, shape = reading.draft, reading.draft.shape(name)
    count = 1
    for block in blocks.values():
        count *= block
    lead = [*blocks.values()]
    split = [*lead, shape[0] // count, *shape[1:]]
    order: list[int] = []
    joined: list[int] = []
    for dim, size in enumerate([shape[0] // count, *shape[1:]]):
        order.append(len(lead) + dim)
        if dim in blocks:
            order.append(list(blocks).index(dim))
        joined.append(size * blocks.get(dim, 1))
    return reshaped(draft, transposed(draft, reshaped(draft, name, split), order), joined)
