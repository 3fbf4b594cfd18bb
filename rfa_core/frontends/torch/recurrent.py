"""Recurrent layers: a whole layer as one step along its time, however long its loop takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any, Protocol

from torch import Tensor, nn

from rfa_core.frontends.torch.views import Writer
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape

_PACKED = "a recurrent layer on packed sequences is not understood"


class Emitter(Writer, Protocol):
    """Writes nodes down, also those that make a tensor."""

    def operand(self, tensor: Tensor) -> str: ...

    def emit(
        self,
        out: Tensor,
        operation: op.Operation,
        operands: Iterable[str],
        kind: str,
        weighted: bool = False,
        macs: int = 0,
    ) -> None: ...


def recurrent(
    emitter: Emitter, module: nn.RNNBase, source: Any, live: Sequence[Tensor], out: Any
) -> None:
    """Write down what ``module`` made of ``source``: its sequence and its last states.

    ``live`` are the tensors it read that depend on the input. Every step has seen the states
    to begin with; which steps of a packed sequence belong together is not known.
    """
    if not isinstance(source, Tensor):
        names = [emitter.operand(tensor) for tensor in live]
        for made in (out[0].data, *(out[1] if isinstance(out[1], tuple) else out[1:])):
            emitter.emit(made, op.Unknown(_PACKED), names, "recurrent")
        return
    time = 0 if source.dim() == 2 or not module.batch_first else 1
    shape, labels = tuple(source.shape), tuple(range(source.dim()))
    mixed = op.Contract((labels,), (*labels[:-1], len(labels)))
    macs = sum(parameter.numel() for parameter in module.parameters()) * prod(shape[:-1])
    ways = _ways(emitter, module, time, emitter.operand(source), shape)
    for state in [tensor for tensor in live if tensor is not source]:
        known = _at_every_step(emitter, state, time, shape)
        ways = [emitter.step(op.Pointwise(), [way, known], shape, "recurrent") for way in ways]
    if len(ways) == 1:
        emitter.emit(out[0], mixed, ways, "recurrent", macs=macs)
    else:
        half = (*shape[:-1], out[0].shape[-1] // 2)
        halves = [emitter.step(mixed, [way], half, "recurrent") for way in ways]
        emitter.emit(out[0], op.Concat(len(shape) - 1), halves, "recurrent", macs=macs)
    for state in out[1] if isinstance(out[1], tuple) else (out[1],):
        emitter.emit(state, op.Everything(), ways, "recurrent")


def _ways(emitter: Emitter, module: nn.RNNBase, time: int, name: str, shape: Shape) -> list[str]:
    """What the steps have seen; one layer in both directions keeps them apart."""
    apart = module.bidirectional and module.num_layers == 1
    both = bool(module.bidirectional and not apart)
    ways = [emitter.step(op.Recurrent(time, both), [name], shape, "recurrent")]
    if apart:
        turned = op.Slice(time, shape[time] - 1, -1)
        for operation in (turned, op.Recurrent(time), turned):
            name = emitter.step(operation, [name], shape, "recurrent")
        ways.append(name)
    return ways


def _at_every_step(emitter: Emitter, state: Tensor, time: int, shape: Shape) -> str:
    """A state ``[layers, batch, units]`` (or without a batch), seen by all steps of ``shape``."""
    labels = tuple(range(state.dim()))
    output = [3 + dim for dim in range(len(shape))]
    if len(shape) == 3:
        output[1 - time] = 1
    spread = op.Contract((labels,), tuple(output))
    return emitter.step(spread, [emitter.operand(state)], shape, "recurrent")
