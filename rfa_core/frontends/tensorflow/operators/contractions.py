"""Reductions, softmax, products: what sees along a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from rfa_core.frontends.phrases import reduced, sliced, softmax
from rfa_core.frontends.tensorflow.folding import shape_of
from rfa_core.frontends.tensorflow.operators.layouts import attribute
from rfa_core.frontends.tensorflow.operators.norms import moment
from rfa_core.frontends.tensorflow.reading import Reading, live_operands, unknown
from rfa_core.frontends.tensorflow.registry import translates
from rfa_core.graph import operations as op


@translates(
    "Mean", "Sum", "Max", "Min", "Prod", "All", "Any", "EuclideanNorm", "ArgMax", "ArgMin"
)  # fmt: skip
def _reduction(reading: Reading, operation: Any) -> None:
    source, axes = operation.inputs[:2]
    computed = op.Unknown(f"{operation.type} reduces dimensions that are computed")
    value = reading.known(axes, computed)
    rank = len(shape_of(source) or ())
    dims = [int(dim) % rank for dim in np.atleast_1d(value)]
    if operation.type in ("Mean", "Sum") and (found := moment(reading, operation, dims)):
        reading.bind(operation.outputs[0], found)
        return
    keep = bool(attribute(operation, "keep_dims", False))
    kind = operation.type.lower()
    name = reduced(reading.draft, reading.operand(source), dims, keep, kind)
    reading.bind(operation.outputs[0], name)


@translates("Softmax", "LogSoftmax")
def _softmax(reading: Reading, operation: Any) -> None:
    name = reading.operand(operation.inputs[0])
    reading.bind(operation.outputs[0], softmax(reading.draft, name))


@translates("Cumsum", "Cumprod", "CumulativeLogsumexp")
def _cumulative(reading: Reading, operation: Any) -> None:
    source, axis = operation.inputs
    shape = shape_of(source) or ()
    dim = int(reading.known(axis)) % len(shape)
    name = reading.operand(source)
    turned = {dim: range(shape[dim] - 1, -1, -1)} if attribute(operation, "reverse") else {}
    name = sliced(reading.draft, name, turned, "flip")
    name = reading.write(op.Recurrent(dim), [name], shape, operation.type.lower())
    reading.bind(operation.outputs[0], sliced(reading.draft, name, turned, "flip"))


@translates("MatMul", "SparseMatMul")
def _matmul(reading: Reading, operation: Any) -> None:
    turned = [attribute(operation, f"transpose_{side}", False) for side in "ab"]
    _product(reading, operation, turned)


@translates("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
def _batch_matmul(reading: Reading, operation: Any) -> None:
    _product(reading, operation, [attribute(operation, f"adj_{side}", False) for side in "xy"])


def _product(reading: Reading, operation: Any, turned: Sequence[bool]) -> None:
    ranks = [tensor.shape.rank for tensor in operation.inputs[:2]]
    inner, row, column = 1000, 1001, 1002
    terms = []
    for rank, ends, is_turned in zip(ranks, ((row, inner), (inner, column)), turned, strict=True):
        lead = tuple(range(max(ranks) - rank, max(ranks) - 2))
        terms.append((*lead, *(ends[::-1] if is_turned else ends)))
    output = (*range(max(ranks) - 2), row, column)
    _contracted(reading, operation, terms, output)


@translates("Einsum")
def _einsum(reading: Reading, operation: Any) -> None:
    terms, output = spelt_out(
        attribute(operation, "equation"), [tensor.shape.rank for tensor in operation.inputs]
    )
    if any(len(set(term)) < len(term) for term in (*terms, output)):
        unknown(reading, operation, "an einsum takes a diagonal")
        return
    _contracted(reading, operation, terms, output)


def spelt_out(equation: str, ranks: Sequence[int]) -> tuple[list[tuple[int, ...]], tuple[int, ...]]:
    """The labels of ``equation`` as numbers; an ellipsis stands for what the ranks leave."""
    inputs, output = equation.replace(" ", "").split("->")
    terms = inputs.split(",")
    wide = max((rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks, strict=True)
                if "..." in term), default=0)  # fmt: skip

    def labels(term: str, rank: int | None) -> tuple[int, ...]:
        before, dots, after = term.partition("...")
        count = wide if rank is None else rank - len(before) - len(after)
        middle = range(wide - count, wide) if dots else ()
        return (*(ord(c) + 1000 for c in before), *middle, *(ord(c) + 1000 for c in after))

    return [labels(t, r) for t, r in zip(terms, ranks, strict=True)], labels(output, None)


def _contracted(
    reading: Reading, operation: Any, terms: Sequence[tuple[int, ...]], output: tuple[int, ...]
) -> None:
    """An einsum; operands that are constants only mix what the others bring."""
    pairs = list(zip(operation.inputs, terms, strict=False))
    live = [(tensor, term) for tensor, term in pairs if reading.is_live(tensor)]
    learned = any(reading.is_learned(tensor) for tensor, _ in pairs)
    kind = "linear" if len(live) < len(pairs) else "matmul"
    out = shape_of(operation.outputs[0]) or ()
    sizes: dict[int, int] = {}
    for tensor, term in pairs:
        for label, size in zip(term, shape_of(tensor) or (), strict=True):
            sizes[label] = max(size, sizes.get(label, 1))
    macs = prod(sizes.values()) if len(pairs) > 1 else 0
    names = [reading.operand(tensor) for tensor, _ in live]
    labels = tuple(term for _, term in live)
    lead = _merged(reading, names, labels, output, out) if len(live) == 1 else None
    if lead is not None:
        names, labels, output, shape = lead
        name = reading.write(
            op.Contract(labels, output), names, shape, kind, weighted=learned, macs=macs
        )
        name = reading.reshaped(name, out)
    else:
        contract = op.Contract(labels, output)
        name = reading.write(contract, names, out, kind, weighted=learned, macs=macs)
    reading.bind(operation.outputs[0], name)


Merged = tuple[list[str], tuple[tuple[int, ...], ...], tuple[int, ...], tuple[int, ...]]


def _merged(
    reading: Reading,
    names: list[str],
    labels: tuple[tuple[int, ...], ...],
    output: tuple[int, ...],
    out: tuple[int, ...],
) -> Merged | None:
    """A product of a matrix as one over the dimensions that were merged to get the matrix.

    A dense layer over ``[N, H, W, C]`` reaches TensorFlow as one over ``[N*H*W, C]``.
    """
    (term,) = labels
    source = reading.unreshaped(names[0])
    shape = reading.draft.shape(names[0])
    if source is None or len(term) != 2 or len(output) != 2 or term[0] != output[0]:
        return None
    before = reading.draft.shape(source)
    if len(before) < 3 or before[-1] != shape[-1] or prod(before[:-1]) != shape[0]:
        return None
    fresh = tuple(range(2000, 2000 + len(before) - 1))
    return [source], ((*fresh, term[1]),), (*fresh, output[1]), (*before[:-1], out[1])


@translates("FFT", "IFFT", "RFFT", "IRFFT", "FFT2D", "IFFT2D", "RFFT2D", "IRFFT2D", "FFT3D",
            "IFFT3D", "RFFT3D", "IRFFT3D")  # fmt: skip
def _fourier(reading: Reading, operation: Any) -> None:
    shape = shape_of(operation.outputs[0]) or ()
    count = int(operation.type[-2]) if operation.type.endswith("D") else 1
    dims = tuple(range(len(shape) - count, len(shape)))
    reading.bind(
        operation.outputs[0],
        reading.write(op.Everything(dims), live_operands(reading, operation)[:1], shape, "fft"),
    )
