"""Products, reductions and what else reads all of a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from rfa_core.frontends.jax.equations import Equation, Value
from rfa_core.frontends.jax.operators.resizing import multiplied
from rfa_core.frontends.jax.reading import Reader
from rfa_core.frontends.jax.registry import translates
from rfa_core.frontends.phrases import reduced, sliced
from rfa_core.graph import operations as op


@translates("dot_general")
def _dot_general(reader: Reader, eqn: Equation) -> Value:
    """Labels: those of the left operand, then those of the right one that it does not share."""
    if reader.sparse and (found := multiplied(reader, eqn)) is not None:
        return found
    left, right = eqn.inputs
    (left_summed, right_summed), (left_batch, right_batch) = eqn.params["dimension_numbers"]
    rank, other = len(reader.shape(left)), len(reader.shape(right))
    lefts = list(range(rank))
    shared = dict(zip((*right_summed, *right_batch), (*left_summed, *left_batch), strict=True))
    rights = [shared.get(dim, rank + dim) for dim in range(other)]
    output = (
        *left_batch,
        *(dim for dim in lefts if dim not in (*left_summed, *left_batch)),
        *(label for dim, label in enumerate(rights) if dim not in shared),
    )
    summed = prod(reader.shape(left)[dim] for dim in left_summed)
    operands = [
        (value, tuple(labels))
        for value, labels in ((left, lefts), (right, rights))
        if isinstance(value, str)
    ]
    return reader.draft.add(
        op.Contract(tuple(labels for _, labels in operands), output),
        [name for name, _ in operands],
        eqn.shape,
        "dot",
        weighted=reader.is_learned(left) or reader.is_learned(right),
        macs=prod(eqn.shape) * summed,
    )


@translates(
    "reduce_sum", "reduce_max", "reduce_min", "reduce_prod", "reduce_and", "reduce_or",
    "reduce_xor", "argmax", "argmin",
)  # fmt: skip
def _reduce(reader: Reader, eqn: Equation) -> Value:
    (name,) = eqn.live
    kind = eqn.name.removeprefix("reduce_")
    return reduced(reader.draft, name, eqn.params["axes"], keep=False, kind=kind)


@translates("reduce")
def _any_reduction(reader: Reader, eqn: Equation) -> Sequence[Value]:
    """Each result reads all arrays that are reduced together, and where it starts."""
    dims = eqn.params["dimensions"]
    arrays = [one for one in eqn.live if len(reader.shape(one)) > len(eqn.shape)]
    if not arrays:
        return reader.unknown(eqn)
    parts = [reduced(reader.draft, name, dims, keep=False, kind="reduce") for name in arrays]
    starts = [name for name in eqn.live if name not in arrays]
    return [
        reader.draft.add(op.Pointwise(), [*parts, *starts], out.shape, "reduce") for out in eqn.outs
    ]


@translates("cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp")
def _cumulative(reader: Reader, eqn: Equation) -> Value:
    """Everything before; everything after, if it goes backwards."""
    (name,) = eqn.live
    dim = eqn.params["axis"]
    backwards = range(eqn.shape[dim] - 1, -1, -1)
    if eqn.params["reverse"]:
        name = sliced(reader.draft, name, {dim: backwards}, eqn.name)
    name = reader.draft.add(op.Recurrent(dim), [name], eqn.shape, eqn.name)
    return sliced(reader.draft, name, {dim: backwards}, eqn.name) if eqn.params["reverse"] else name


@translates("fft")
def _fft(reader: Reader, eqn: Equation) -> Value:
    (name,) = eqn.live
    rank, count = len(eqn.shape), len(eqn.params["fft_lengths"])
    dims = tuple(range(rank - count, rank))
    return reader.draft.add(op.Everything(dims), [name], eqn.shape, "fft")


@translates("cholesky", "eig", "eigh", "householder_product", "lu",
            "qr", "schur", "svd", "triangular_solve", "tridiagonal", "hessenberg")  # fmt: skip
def _matrices(reader: Reader, eqn: Equation) -> Sequence[Value]:
    """Decompositions see whole matrices, which are the last two dimensions."""
    found: list[Value] = []
    for out in eqn.outs:
        seen = [_seen(reader, name, out.shape, eqn.name) for name in eqn.live]
        found.append(
            seen[0]
            if len(seen) == 1
            else reader.draft.add(op.Pointwise(), seen, out.shape, eqn.name)
        )
    return found


def _seen(reader: Reader, name: str, shape: Sequence[int], kind: str) -> str:
    """All of the last two dimensions of ``name``, at every place of ``shape``."""
    source = reader.shape(name)
    lead = len(source) - 2
    labels = tuple(range(len(source)))
    output = (*labels[:lead], *(len(source) + n for n in range(len(shape) - lead)))
    return reader.draft.add(op.Contract((labels,), output), [name], shape, kind)


@translates("linear_solve", "custom_linear_solve")
def _solved(reader: Reader, eqn: Equation) -> Sequence[Value]:
    dims = ()
    return [reader.draft.add(op.Everything(dims), eqn.live, out.shape, "solve") for out in eqn.outs]
