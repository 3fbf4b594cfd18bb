"""Loops and branches: unrolled where the number of turns is known."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.frontends.jax.equations import Equation, Value
from rfa_core.frontends.jax.reading import Reader
from rfa_core.frontends.jax.registry import translates
from rfa_core.frontends.jax.values import Fixed, array
from rfa_core.frontends.phrases import concatenated, reshaped
from rfa_core.graph import operations as op

_MOST = 20_000
"""Equations that a loop is unrolled to."""


@translates("scan")
def _scan(reader: Reader, eqn: Equation) -> Sequence[Value]:
    """Turn by turn: what is carried goes into the next one, what is scanned is cut in slices."""
    params = eqn.params
    turns, body = params["length"], params["jaxpr"]
    if turns * len(body.jaxpr.eqns) > _MOST:
        return reader.unknown(eqn, f"a loop of {turns} turns is not unrolled")
    constants, carried = params["num_consts"], params["num_carry"]
    shared = eqn.inputs[:constants]
    carry = list(eqn.inputs[constants : constants + carried])
    scanned = eqn.inputs[constants + carried :]
    made: list[list[Value]] = [[] for _ in eqn.outs[carried:]]
    order = range(turns - 1, -1, -1) if params["reverse"] else range(turns)
    for turn in order:
        cut = [_cut(reader, one, turn) for one in scanned]
        found = reader.inner(body, (*shared, *carry, *cut))
        carry = found[:carried]
        for stack, one in zip(made, found[carried:], strict=True):
            stack.append(one)
    if params["reverse"]:
        made = [stack[::-1] for stack in made]
    outs = eqn.outs[carried:]
    stacked = [_stacked(reader, stack, out) for stack, out in zip(made, outs, strict=True)]
    return [*carry, *stacked]


@translates("while")
def _while(reader: Reader, eqn: Equation) -> Sequence[Value]:
    return reader.unknown(eqn, "data decide how often a loop turns")


@translates("cond")
def _cond(reader: Reader, eqn: Equation) -> Sequence[Value]:
    """The branch that is known to be taken, else what any of them may read."""
    index, *operands = eqn.inputs
    branches = eqn.params["branches"]
    chosen = array(index)
    if chosen is not None:
        at = min(max(int(chosen), 0), len(branches) - 1)
        return reader.inner(branches[at], operands)
    found = [reader.inner(branch, operands) for branch in branches]
    deciding = [index] if isinstance(index, str) else []
    return [
        _merged(reader, [one[at] for one in found], deciding, out)
        for at, out in enumerate(eqn.outs)
    ]


def _merged(reader: Reader, values: Sequence[Value], deciding: Sequence[str], out: object) -> Value:
    names = [one for one in values if isinstance(one, str)] + list(deciding)
    if not names:
        return Fixed(out)
    if len(names) == 1 and reader.shape(names[0]) == tuple(out.shape):  # type: ignore[attr-defined]
        return names[0]
    names.append(reader.draft.constant(out.shape))  # type: ignore[attr-defined]
    return reader.draft.add(op.Pointwise(), names, out.shape, "cond")  # type: ignore[attr-defined]


def _cut(reader: Reader, value: Value, turn: int) -> Value:
    if isinstance(value, str):
        shape = reader.shape(value)[1:]
        return reader.draft.add(op.Select(0, turn), [value], shape, "scan")
    return _Row(value, turn)


class _Row(Fixed):
    """One slice of a fixed value."""

    __slots__ = ("_turn", "_whole")

    def __init__(self, whole: Fixed, turn: int) -> None:
        self.shape, self.dtype, self.sources = whole.shape[1:], whole.dtype, whole.sources
        self._whole, self._turn = whole, turn

    def numbers(self) -> object:
        found = self._whole.numbers()
        return None if found is None else found[self._turn]


def _stacked(reader: Reader, values: Sequence[Value], out: object) -> Value:
    if not any(isinstance(one, str) for one in values):
        return Fixed(out)
    names = []
    for one in values:
        shape = (1, *reader.shape(one))
        names.append(
            reshaped(reader.draft, one, shape, "scan")
            if isinstance(one, str)
            else reader.draft.constant(shape)
        )
    return names[0] if len(names) == 1 else concatenated(reader.draft, names, 0, "scan")
