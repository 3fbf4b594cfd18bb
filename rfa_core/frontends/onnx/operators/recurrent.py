"""Recurrent layers: a whole layer as one step along its time."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.registry import Call, Results, not_understood, translates
from rfa_core.frontends.phrases import concatenated, reshaped, sliced, transposed
from rfa_core.graph import operations as op


@translates("LSTM", "GRU", "RNN")
def _recurrent(draft: Draft, call: Call) -> Results:
    """The sequence ``[length, directions, batch, hidden]``, and the last states.

    With ``layout`` 1, ``[batch, length, directions, hidden]``. Weights, lengths and states to begin
    with that depend on the input are not followed.
    """
    if any(map(call.is_live, range(1, len(call.inputs)))):
        return not_understood(draft, call)
    source, shape = call.operand(draft, 0), call.shape_of(0)
    time = 1 if call.attr("layout", 0) else 0
    direction = call.attr("direction", "forward")
    hidden = call.attr("hidden_size") or call.shape_of(2)[-1]
    ways = [
        _way(draft, source, time, turned)
        for turned in {"forward": [False], "reverse": [True]}.get(direction, [False, True])
    ]
    macs = prod(shape[:2]) * sum(prod(call.shape_of(place)) for place in (1, 2))
    mixed = op.Contract(((0, 1, 2),), (0, 1, 3))
    parts = [draft.add(mixed, [way], (*shape[:2], hidden), "recurrent") for way in ways]
    wide = [reshaped(draft, part, (*shape[:2], 1, hidden), "recurrent") for part in parts]
    joined = wide[0]
    if len(wide) > 1:
        joined = draft.add(op.Concat(2), wide, (*shape[:2], 2, hidden), "recurrent")
    sequence = joined if time else transposed(draft, joined, (0, 2, 1, 3), "recurrent")
    last = draft.add(op.Pointwise(), [sequence], draft.shape(sequence), "recurrent", macs=macs)
    state = _state(draft, ways, time, (shape[1 - time], hidden))
    states = [state for _ in call.shapes[1:]]
    return last, *states


def _state(draft: Draft, ways: Sequence[str], time: int, size: tuple[int, int]) -> str:
    """The last states ``[directions, batch, hidden]`` (batch first for ``layout`` 1)."""
    over = op.Contract(((0, 1, 2),), (1 - time, 3))
    wide = (*size[:time], 1, *size[time:])
    parts = [
        reshaped(draft, draft.add(over, [way], size, "recurrent"), wide, "recurrent")
        for way in ways
    ]
    return parts[0] if len(parts) == 1 else concatenated(draft, parts, time, "recurrent")


def _way(draft: Draft, name: str, time: int, turned: bool) -> str:
    """What the steps have seen, from the first on or from the last."""
    shape = draft.shape(name)
    flip = {time: range(shape[time] - 1, -1, -1)}
    if turned:
        name = sliced(draft, name, flip, "recurrent")
    name = draft.add(op.Recurrent(time), [name], shape, "recurrent")
    return sliced(draft, name, flip, "recurrent") if turned else name
