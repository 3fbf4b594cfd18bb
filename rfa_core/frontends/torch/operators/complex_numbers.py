"""Complex numbers and the pairs of real ones that they are stored as."""

from __future__ import annotations

from rfa_core.frontends.phrases import contraction
from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.frontends.torch.registry import translates
from rfa_core.graph import operations as op


@translates("view_as_real")
def _as_pairs(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    alone = recorder.step(
        op.Reshape(), [recorder.operand(source)], (*source.shape, 1), "view_as_real"
    )
    recorder.emit(call.out, op.Expand(), [alone], "view_as_real")


@translates("view_as_complex")
def _from_pairs(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    united = contraction(source.dim(), [source.dim() - 1], keep=False)
    recorder.emit(call.out, united, [recorder.operand(source)], "view_as_complex")
