"""Recurrent layers, and layers that run once per step of time."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import keras

from rfa_core.frontends.keras.calls import Call, many
from rfa_core.frontends.keras.registry import layer
from rfa_core.frontends.keras.windows import Map, Window
from rfa_core.frontends.phrases import concatenated, elementwise, reshaped, sliced
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape

_TIME = 1


@layer("RNN", "SimpleRNN", "LSTM", "GRU", "ConvLSTM")
def _recurrent(call: Call) -> Sequence[str]:
    own = call.operation
    sequence = _sequence(call, own, _given(call))
    first = sequence if own.return_sequences else _last(call, sequence)
    return [first, *_states(call, [sequence], call.outs[1:])]


@layer("Bidirectional")
def _bidirectional(call: Call) -> Sequence[str]:
    """Each direction sees one side; a sequence of the backward one is turned round again."""
    own, states = call.operation, _given(call)
    half = len(states) // 2
    ways = [
        _sequence(call, own.forward_layer, states[:half]),
        _sequence(call, own.backward_layer, states[half:]),
    ]
    ends = list(ways)
    if own.return_sequences:
        ends[1] = _turned(call, ways[1])
    else:
        ends = [_last(call, way) for way in ways]
    if own.merge_mode is None:
        return [*ends, *_states(call, ways, call.outs[2:])]
    if own.merge_mode == "concat":
        merged = concatenated(call.draft, ends, -1, "concatenate")
    else:
        merged = elementwise(call.draft, ends, own.merge_mode)
    return [merged, *_states(call, ways, call.outs[1:])]


@layer("TimeDistributed")
def _time_distributed(call: Call) -> str:
    """The layer inside, on a batch of all steps."""
    source = call.source()
    shape = call.draft.shape(source)
    steps = reshaped(call.draft, source, (shape[0] * shape[1], *shape[2:]))
    symbol = call.recorder.symbol(call.draft.shape(steps), steps, call.first())
    made = call.recorder.operand(call.operation.layer(symbol))
    return reshaped(call.draft, made, call.shape)


def _given(call: Call) -> list[Any]:
    """The states to begin with."""
    states: list[Any] = keras.tree.flatten(call.values.get("initial_state"))
    return states


def _sequence(call: Call, own: Any, states: Sequence[Any]) -> str:
    """What each step of ``own`` returns, in the order in which the steps run.

    Every step has seen what the ``states`` to begin with have seen.
    """
    name = call.recorder.operand(call.first())
    begun = [call.recorder.operand(one) for one in states if call.recorder.is_live(one)]
    if own.go_backwards:
        name = _turned(call, name)
    kernel = getattr(own.cell, "kernel_size", None)
    if kernel is not None:
        made = _convolved(call, own, name)
        if begun:
            reason = "how far a first state of maps is convolved is not followed"
            operands = [made, *begun]
            return call.draft.add(op.Unknown(reason), operands, call.draft.shape(made), "recurrent")
        return made
    shape = call.draft.shape(name)
    if len(shape) != 3:
        reason = f"what a cell {type(own.cell).__name__} does to a map is not known"
        return call.draft.add(op.Unknown(reason), [name, *begun], shape, "recurrent")
    units = _units(own)
    seen = call.draft.add(op.Recurrent(_TIME), [name], shape, "recurrent")
    if begun:
        spread = op.Contract(((0, 1),), (0, 2, 3))
        known = [call.draft.add(spread, [state], shape, "recurrent") for state in begun]
        seen = call.draft.add(op.Pointwise(), [seen, *known], shape, "recurrent")
    labels = tuple(range(3))
    weights = sum(prod(one.shape) for one in own.trainable_variables)
    return call.draft.add(
        op.Contract((labels,), (0, 1, 3)),
        [seen],
        (*shape[:2], units),
        "recurrent",
        macs=weights * prod(shape[:2]),
    )


def _units(own: Any) -> int:
    found = getattr(own.cell, "output_size", None)
    return int(own.state_size[0] if found is None else found)


def _convolved(call: Call, own: Any, name: str) -> str:
    """Each step convolves its frame, and its state of the step before: so what a frame adds
    grows by one kernel per step. The widest, that of the last step, stands for all."""
    cell, shape = own.cell, call.draft.shape(name)
    layout = _frames(len(shape), cell.data_format)
    count = len(layout.dims)
    window = Window(
        many(cell.kernel_size, count),
        many(cell.strides, count),
        many(cell.dilation_rate, count),
        cell.padding,
    )
    sizes = layout.sizes(shape)
    out = layout.shape(shape, window.after(sizes), cell.filters)
    gates = 4 * prod(window.kernel) * prod(out)
    frame = call.draft.add(
        _window(layout, window, sizes),
        [name],
        out,
        "conv",
        weighted=True,
        macs=gates * (shape[layout.channel] + cell.filters),
    )
    grown = tuple((kernel - 1) * (shape[_TIME] - 1) + 1 for kernel in window.kernel)
    ones = (1,) * count
    wide = Window(grown, ones, ones, "same")
    state = call.draft.add(_window(layout, wide, layout.sizes(out)), [frame], out, "recurrent")
    state = call.draft.add(op.Recurrent(_TIME), [state], out, "recurrent")
    return elementwise(call.draft, [frame, state], "recurrent")


def _window(layout: Map, window: Window, sizes: Sequence[int]) -> op.Window:
    before = window.before(sizes)
    return op.Window(
        layout.dims, window.kernel, window.stride, window.dilation, before, layout.channel
    )


def _frames(rank: int, data_format: str | None) -> Map:
    """The layout of maps behind a batch and a time dimension."""
    if (data_format or keras.config.image_data_format()) == "channels_first":
        return Map(tuple(range(3, rank)), 2)
    return Map(tuple(range(2, rank - 1)), rank - 1)


def _turned(call: Call, name: str) -> str:
    steps = call.draft.shape(name)[_TIME]
    return sliced(call.draft, name, {_TIME: range(steps - 1, -1, -1)}, "flip")


def _last(call: Call, name: str) -> str:
    shape = call.draft.shape(name)
    out: Shape = (shape[0], *shape[2:])
    return call.draft.add(op.Select(_TIME, shape[_TIME] - 1), [name], out, "last")


def _states(call: Call, ways: Sequence[str], states: Sequence[Any]) -> list[str]:
    """States have seen the whole sequence, in one direction or the other."""
    return [call.draft.add(op.Everything(), list(ways), one.shape, "recurrent") for one in states]
