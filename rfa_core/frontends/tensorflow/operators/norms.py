"""Normalisation, fused or spelt out.

``tf.nn.moments`` and what is made of its results are put off: where they meet the tensor they
were taken of again, that is a norm, whose statistics carry no pattern. Statistics that go
anywhere else are what they are: a mean over positions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rfa_core.frontends.phrases import reduced
from rfa_core.frontends.tensorflow.folding import shape_of
from rfa_core.frontends.tensorflow.operators.layouts import attribute, layout_of
from rfa_core.frontends.tensorflow.reading import Reading, live_operands
from rfa_core.frontends.tensorflow.registry import translates
from rfa_core.graph import operations as op


@dataclass(frozen=True, slots=True)
class Statistic:
    """What was computed from statistics of the node ``source`` over ``dims`` alone.

    ``write`` writes it as if it were nothing special.
    """

    source: str
    dims: tuple[int, ...]
    write: Callable[[Reading], str]

    def written(self, reading: Reading) -> str:
        """The node of the statistic itself."""
        return self.write(reading)


def statistic(reading: Reading, tensor: Any) -> Statistic | None:
    """``tensor`` as a statistic that has no node yet."""
    found = reading.deferred(tensor)
    return found if isinstance(found, Statistic) else None


def moment(reading: Reading, operation: Any, dims: Sequence[int]) -> Statistic | None:
    """The mean (or weighted sum) ``operation`` as a statistic of a norm, if it is one."""
    source = _unweighted(reading, operation.inputs[0])
    above = statistic(reading, operation.inputs[0])
    if above is not None:
        return Statistic(above.source, above.dims, _mean(operation, dims))
    squared = _squared(source)
    if squared is not None and _is_root_taken(operation):
        return Statistic(reading.operand(squared), tuple(dims), _mean(operation, dims))
    if _is_subtracted(operation, source):
        return Statistic(reading.operand(source), tuple(dims), _mean(operation, dims))
    return None


def normalised(reading: Reading, operation: Any, live: Sequence[Any]) -> str | Statistic | None:
    """An elementwise ``operation`` that applies a statistic to what it was taken of."""
    found = [statistic(reading, tensor) for tensor in live]
    statistics = [one for one in found if one is not None]
    if len({one.source for one in statistics}) != 1:
        return None
    first = statistics[0]
    out = shape_of(operation.outputs[0]) or ()
    later = Statistic(first.source, first.dims, _elementwise(operation))
    plain = {
        reading.operand(tensor) for tensor, one in zip(live, found, strict=True) if one is None
    }
    if not plain:
        return later
    name = plain.pop()
    known = reading.normed.get(name, name)
    if plain or known != first.source or reading.draft.shape(name) != out:
        return None
    if operation.type == "SquaredDifference":
        return later
    made = reading.write(op.Norm(first.dims), [name], out, "norm")
    reading.normed[made] = first.source
    return made


def rearranged(reading: Reading, operation: Any) -> bool:
    """Put ``operation`` off, if what it rearranges is a statistic."""
    known = statistic(reading, operation.inputs[0])
    if known is None:
        return False
    out = operation.outputs[0]

    def write(reading: Reading) -> str:
        shape = shape_of(out) or ()
        return reading.write(op.Reshape(), [reading.operand(operation.inputs[0])], shape, "reshape")

    reading.bind(out, Statistic(known.source, known.dims, write))
    return True


@translates("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
def _batch_norm(reading: Reading, operation: Any) -> None:
    """With ``is_training`` the statistics are those of the batch (layer norms use that, too)."""
    source = operation.inputs[0]
    shape = shape_of(source) or ()
    layout = layout_of(operation, len(shape))
    training = attribute(operation, "is_training", False)
    dims = (0, *layout.spatial) if training else ()
    name = reading.operand(source)
    made = reading.write(op.Norm(dims), [name], shape, "batch_norm")
    reading.bind(operation.outputs[0], made)
    if training:
        mean = Statistic(name, dims, lambda reading: reduced(reading.draft, name, dims, keep=False))
        for out in operation.outputs[1:3]:
            reading.bind(out, mean)


def _mean(operation: Any, dims: Sequence[int]) -> Callable[[Reading], str]:
    def write(reading: Reading) -> str:
        keep = bool(attribute(operation, "keep_dims"))
        return reduced(reading.draft, reading.operand(operation.inputs[0]), dims, keep)

    return write


def _elementwise(operation: Any) -> Callable[[Reading], str]:
    def write(reading: Reading) -> str:
        shape, kind = shape_of(operation.outputs[0]) or (), operation.type.lower()
        return reading.write(op.Pointwise(), live_operands(reading, operation), shape, kind)

    return write


def _squared(tensor: Any) -> Any:
    """What ``tensor`` is the square of."""
    made = tensor.op
    if made.type == "Square":
        return made.inputs[0]
    same = made.type == "Mul" and made.inputs[0].name == made.inputs[1].name
    return made.inputs[0] if same else None


def _unweighted(reading: Reading, tensor: Any) -> Any:
    """What ``tf.nn.weighted_moments`` multiplied by constant weights to get ``tensor``."""
    live = [one for one in tensor.op.inputs if reading.is_live(one)]
    return live[0] if tensor.op.type == "Mul" and len(live) == 1 else tensor


def _is_subtracted(operation: Any, source: Any) -> bool:
    """Whether the mean goes into a variance of the same tensor."""
    return any(
        reader.type == "SquaredDifference" and source.name in [one.name for one in reader.inputs]
        for reader in _readers(operation, ("StopGradient", "Identity", "Cast", "DivNoNan"))
    )


def _is_root_taken(operation: Any) -> bool:
    """Whether the mean becomes the factor of a root-mean-square norm."""
    readers = [*_readers(operation, ("AddV2", "Add", "Identity", "Cast"))]
    return bool(readers) and all(reader.type == "Rsqrt" for reader in readers)


def _readers(operation: Any, through: Sequence[str]) -> list[Any]:
    found: list[Any] = []
    waiting = [operation]
    while waiting:
        for reader in waiting.pop().outputs[0].consumers():
            (waiting if reader.type in through else found).append(reader)
    return found
