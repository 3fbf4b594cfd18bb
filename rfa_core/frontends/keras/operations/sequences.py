"""Sequences: running sums, spectra, frames."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.frontends.keras.calls import Call
from rfa_core.frontends.keras.registry import operation
from rfa_core.graph import operations as op


@operation("Cumsum", "Cumprod", "Nancumsum", "Nancumprod")
def _running(call: Call) -> str:
    axis = call.get("axis")
    if axis is None:
        return call.draft.add(op.Everything(), [call.source()], call.shape, call.kind)
    dim = axis % len(call.shape)
    return call.draft.add(op.Recurrent(dim), [call.source()], call.shape, call.kind)


@operation("FFT", "FFT2", "IFFT2", "RFFT", "IRFFT")
def _fourier(call: Call) -> Sequence[str]:
    """Real and imaginary parts are tensors of their own; both are results of both."""
    over = 2 if type(call.operation).__name__.endswith("2") else 1
    names = list(call.operands())
    rank = len(call.shape)
    dims = tuple(range(rank - over, rank))
    return [call.draft.add(op.Everything(dims), names, one.shape, call.kind) for one in call.outs]


@operation("ExtractSequences")
def _frames(call: Call) -> str:
    name = call.source()
    last = len(call.draft.shape(name)) - 1
    frames = op.Unfold(last, call.get("sequence_length"), call.get("sequence_stride"))
    return call.draft.add(frames, [name], call.shape, "frames")
