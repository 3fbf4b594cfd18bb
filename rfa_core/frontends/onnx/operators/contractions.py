"""Reductions, softmax, products and attention: what sees along a dimension."""

from __future__ import annotations

from math import prod

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.registry import (
    MICROSOFT,
    Call,
    RefusedError,
    Results,
    not_understood,
    translates,
)
from rfa_core.frontends.phrases import (
    einsum,
    reduced,
    reshaped,
    sliced,
    softmax,
    transposed,
)
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape

_REDUCTIONS = {
    "ReduceL1": "norm", "ReduceL2": "norm", "ReduceLogSum": "logsumexp",
    "ReduceLogSumExp": "logsumexp", "ReduceMax": "max", "ReduceMean": "mean", "ReduceMin": "min",
    "ReduceProd": "prod", "ReduceSum": "sum", "ReduceSumSquare": "sum",
}  # fmt: skip


@translates(*_REDUCTIONS)
def _reduction(draft: Draft, call: Call) -> Results:
    axes = call.numbers(1, "axes")
    if not axes and call.attr("noop_with_empty_axes", 0):
        return call.operand(draft, 0)
    keep = bool(call.attr("keepdims", 1))
    return reduced(draft, call.operand(draft, 0), axes or None, keep, _REDUCTIONS[call.name])


@translates("ArgMax", "ArgMin")
def _best(draft: Draft, call: Call) -> Results:
    keep = bool(call.attr("keepdims", 1))
    source = call.operand(draft, 0)
    return reduced(draft, source, [call.attr("axis", 0)], keep, call.name.lower())


@translates("Softmax", "LogSoftmax", "Hardmax")
def _softmax(draft: Draft, call: Call) -> Results:
    """Over one dimension; before opset 13, over all from it on."""
    rank = len(call.shape_of(0))
    axis = call.attr("axis", -1 if call.opset >= 13 else 1) % max(rank, 1)
    dims = (axis,) if call.opset >= 13 else range(axis, rank)
    kind = {"LogSoftmax": "log_softmax"}.get(call.name, call.name.lower())
    return softmax(draft, call.operand(draft, 0), dims, kind)


@translates("QLinearSoftmax", domain=MICROSOFT)
def _softmax_quantised(draft: Draft, call: Call) -> Results:
    return softmax(draft, call.operand(draft, 0), (call.attr("axis", -1),))


@translates("LpNormalization")
def _unit_length(draft: Draft, call: Call) -> Results:
    return softmax(draft, call.operand(draft, 0), (call.attr("axis", -1),), "normalize")


@translates("Det")
def _determinant(draft: Draft, call: Call) -> Results:
    return reduced(draft, call.operand(draft, 0), (-2, -1), keep=False, kind="det")


@translates("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss")
def _loss(draft: Draft, call: Call) -> Results:
    return tuple(
        draft.add(op.Everything(), call.live, call.made(place), "loss")
        for place in range(len(call.shapes))
    )


@translates("CumSum", "CumProd")
def _cumulative(draft: Draft, call: Call) -> Results:
    name = call.operand(draft, 0)
    shape = draft.shape(name)
    dim, kind = call.numbers(1)[0] % len(shape), call.name.lower()
    turned = {dim: range(shape[dim] - 1, -1, -1)}
    if call.attr("reverse", 0):
        name = sliced(draft, name, turned, kind)
    name = draft.add(op.Recurrent(dim), [name], shape, kind)
    return sliced(draft, name, turned, kind) if call.attr("reverse", 0) else name


@translates("MatMul", "MatMulInteger")
def _matmul(draft: Draft, call: Call) -> Results:
    return product(draft, call, 0, 1)


@translates("QLinearMatMul")
def _matmul_quantised(draft: Draft, call: Call) -> Results:
    return product(draft, call, 0, 3)


@translates("DynamicQuantizeMatMul", "MatMulIntegerToFloat", domain=MICROSOFT)
def _matmul_dynamic(draft: Draft, call: Call) -> Results:
    return product(draft, call, 0, 1)


@translates("FusedMatMul", "TransposeMatMul", domain=MICROSOFT)
def _matmul_fused(draft: Draft, call: Call) -> Results:
    if call.attr("transBatchA", 0) or call.attr("transBatchB", 0):
        return not_understood(draft, call)
    return product(draft, call, 0, 1, bool(call.attr("transA", 0)), bool(call.attr("transB", 0)))


def product(
    draft: Draft,
    call: Call,
    left: int,
    right: int,
    turn_left: bool = False,
    turn_right: bool = False,
) -> str:
    """The matrix product of two inputs, over any leading dimensions, with numpy's broadcasting.

    ``turn_left`` and ``turn_right`` say that the last two dimensions of an operand are swapped.
    """
    shapes = call.shape_of(left), call.shape_of(right)
    rank = max(map(len, shapes))
    if not all(shapes):
        raise RefusedError("a matrix product of a number")
    terms = (_term(shapes[0], rank, 0, turn_left), _term(shapes[1], rank, 1, turn_right))
    inner = {shape[term.index(_INNER)] for term, shape in zip(terms, shapes, strict=True)}
    sizes: dict[int, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        for label, size in zip(term, shape, strict=True):
            known = sizes.get(label, 1)
            if 1 not in (known, size) and known != size:
                inner.add(-1)
            sizes[label] = size if known == 1 else known
    if len(inner) > 1:
        raise RefusedError(f"the matrices {list(shapes[0])} and {list(shapes[1])} do not fit")
    output = tuple(label for label in (*range(rank - 2), _ROW, _COLUMN) if label in sizes)
    return _contracted(draft, call, (left, right), terms, output, sizes)


_ROW, _INNER, _COLUMN = 1001, 1000, 1002


def _term(shape: Shape, rank: int, side: int, turn: bool) -> tuple[int, ...]:
    """Labels of an operand: those of the leading dimensions from the right, then its own two."""
    if len(shape) == 1:
        return (_INNER,)
    own = (_ROW, _INNER) if side == 0 else (_INNER, _COLUMN)
    lead = tuple(range(rank - len(shape), rank - 2))
    return (*lead, *(own[::-1] if turn else own))


def _contracted(
    draft: Draft,
    call: Call,
    places: tuple[int, ...],
    terms: tuple[tuple[int, ...], ...],
    output: tuple[int, ...],
    sizes: dict[int, int],
) -> str:
    live = [(place, term) for place, term in zip(places, terms, strict=True) if call.is_live(place)]
    fixed = [call.inputs[place] for place in places if not call.is_live(place)]
    learned = any(value is not None and value.sources for value in fixed)
    return draft.add(
        op.Contract(tuple(term for _, term in live), output),
        [call.operand(draft, place) for place, _ in live],
        [sizes[label] for label in output],
        "linear" if fixed else "matmul",
        weighted=learned,
        macs=prod(sizes.values()),
    )


@translates("Gemm")
@translates("FusedGemm", "QGemm", domain=MICROSOFT)
def _gemm(draft: Draft, call: Call) -> Results:
    right = 3 if call.name == "QGemm" else 1
    turned = bool(call.attr("transA", 0)), bool(call.attr("transB", 0))
    if not call.is_live(0) and not call.is_live(right):
        return draft.add(op.Pointwise(), call.live, call.shape, "add")
    name = product(draft, call, 0, right, *turned)
    bias = call.value(2 if right == 1 else 6)
    if bias is not None and bias.node is not None:
        name = draft.add(op.Pointwise(), [name, bias.node], draft.shape(name), "add")
    return name


@translates("Einsum")
def _einsum(draft: Draft, call: Call) -> Results:
    shapes = [call.shape_of(place) for place in range(len(call.inputs))]
    equation = _spelled_out(call.attr("equation").replace(" ", ""), [len(one) for one in shapes])
    terms = equation.split("->")[0].split(",")
    if any(len(set(term)) < len(term) for term in terms):
        return not_understood(draft, call)
    names = [value.node if value else None for value in call.inputs]
    learned = any(value is not None and value.sources for value in call.inputs)
    fixed = [draft.constant(shape) if name is None and not learned else name
             for name, shape in zip(names, shapes, strict=True)]  # fmt: skip
    return einsum(draft, equation, fixed, shapes)


def _spelled_out(equation: str, ranks: list[int]) -> str:
    """``equation`` with letters in place of an ellipsis, and with an arrow."""
    inputs, arrow, output = equation.partition("->")
    terms = inputs.split(",")
    if len(terms) != len(ranks):
        raise RefusedError(f"the equation {equation!r} is for {len(terms)} operands")
    spare = [
        letter
        for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        if letter not in equation
    ]
    if not arrow:
        letters = "".join(terms).replace(".", "")
        once = sorted(letter for letter in set(letters) if letters.count(letter) == 1)
        output = ("..." if "..." in inputs else "") + "".join(once)
    counts = [rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks, strict=True)]
    most = max(
        [count for term, count in zip(terms, counts, strict=True) if "..." in term], default=0
    )
    if most > len(spare) or any(
        count < 0 or ("..." not in term and count)
        for term, count in zip(terms, counts, strict=True)
    ):
        raise RefusedError(f"the equation {equation!r} does not fit operands of {ranks} dimensions")
    lead = "".join(spare[:most])
    full = [
        term.replace("...", lead[most - count :] if count else "")
        for term, count in zip(terms, counts, strict=True)
    ]
    return ",".join(full) + "->" + output.replace("...", lead)


@translates("Attention")
def _attention(draft: Draft, call: Call) -> Results:
    """Queries, keys and values, of 4 dimensions or with heads among the channels."""
    if any(call.is_live(place) for place in range(3, len(call.inputs))) or len(call.shapes) > 1:
        return not_understood(draft, call)
    heads = call.attr("q_num_heads", 1), call.attr("kv_num_heads", 1), call.attr("kv_num_heads", 1)
    parts = [_heads(draft, call.operand(draft, place), count) for place, count in enumerate(heads)]
    name = attended(draft, *parts)
    return _merged(draft, name) if len(call.shape_of(0)) == 3 else name


@translates("Attention", domain=MICROSOFT)
def _attention_of_one(draft: Draft, call: Call) -> Results:
    """One linear layer makes queries, keys and values of the first input."""
    sizes = call.attr("qkv_hidden_sizes") or (call.shape_of(1)[1] // 3,) * 3
    if any(call.is_live(place) for place in range(1, len(call.inputs))) or len(call.shapes) > 1:
        return not_understood(draft, call)
    made = product(draft, call, 0, 1)
    heads, start = call.attr("num_heads", 1), 0
    parts = []
    for size in sizes:
        part = sliced(draft, made, {-1: range(start, start + size)})
        parts.append(_heads(draft, part, heads))
        start += size
    return _merged(draft, attended(draft, *parts))


@translates("MultiHeadAttention", domain=MICROSOFT)
def _attention_of_three(draft: Draft, call: Call) -> Results:
    """Queries, keys and values in three inputs of ``[batch, length, channels]``."""
    places = range(3)
    plain = all(
        call.value(place) is not None and len(call.shape_of(place)) == 3 for place in places
    )
    if not plain or any(call.is_live(place) for place in range(3, len(call.inputs))):
        return not_understood(draft, call)
    heads = call.attr("num_heads", 1)
    parts = [_heads(draft, call.operand(draft, place), heads) for place in places]
    return _merged(draft, attended(draft, *parts))


def attended(draft: Draft, query: str, key: str, value: str) -> str:
    """Attention of ``[batch, heads, length, channels]``; keys may have fewer heads."""
    q, k, v = draft.shape(query), draft.shape(key), draft.shape(value)
    if q[1] != k[1]:
        key, value = (_repeated_heads(draft, name, q[1]) for name in (key, value))
    labels = ((0, 1, 2, 3), (0, 1, 4, 3), (0, 1, 4, 5))
    out = (*q[:3], v[3])
    macs = prod(q) * k[2] + prod(out) * k[2]
    operation = op.Contract(labels, (0, 1, 2, 5))
    return draft.add(operation, [query, key, value], out, "attention", macs=macs)


def _repeated_heads(draft: Draft, name: str, heads: int) -> str:
    shape = draft.shape(name)
    if shape[1] < 1 or heads % shape[1]:
        raise RefusedError(f"{shape[1]} heads of keys for {heads} of queries")
    indices = tuple(head * shape[1] // heads for head in range(heads))
    return draft.add(op.Gather(1, indices), [name], (shape[0], heads, *shape[2:]), "attention")


def _heads(draft: Draft, name: str, heads: int) -> str:
    """``[batch, length, channels]`` with the heads in front of the length; 4 dimensions have."""
    shape = draft.shape(name)
    if len(shape) == 4:
        return name
    if heads < 1 or shape[2] % heads:
        raise RefusedError(f"{shape[2]} channels do not make {heads} heads")
    split = reshaped(draft, name, (*shape[:2], heads, shape[2] // heads))
    return transposed(draft, split, (0, 2, 1, 3))


def _merged(draft: Draft, name: str) -> str:
    back = transposed(draft, name, (0, 2, 1, 3))
    shape = draft.shape(back)
    return reshaped(draft, back, (*shape[:2], shape[2] * shape[3]))


@translates("DFT")
def _fourier(draft: Draft, call: Call) -> Results:
    """Along its dimension everything sees everything, the two parts of a number each other, too."""
    rank = len(call.shape_of(0))
    axis = call.numbers(2, "axis", [-2 if call.opset >= 20 else 1])
    dim = (axis[0] if isinstance(axis, list) else axis) % rank
    operation = op.Everything((dim, rank - 1))
    return draft.add(operation, [call.operand(draft, 0)], call.shape, "fft")


@translates("STFT")
def _short_fourier(draft: Draft, call: Call) -> Results:
    """Frames, each of which sees itself whole."""
    source = call.operand(draft, 0)
    shape = draft.shape(source)
    size = int(call.numbers(3)[0]) if call.value(3) else call.shape_of(2)[0]
    step = int(call.numbers(1)[0])
    if size > shape[1] or step < 1:
        raise RefusedError(f"frames of {size} do not fit a signal of {shape[1]}")
    wide = shape if len(shape) == 3 else (*shape, 1)
    frames = (shape[1] - size) // step + 1
    name = reshaped(draft, source, wide)
    cut = (wide[0], frames, wide[2], size)
    name = draft.add(op.Unfold(1, size, step), [name], cut, "frames")
    name = transposed(draft, name, (0, 1, 3, 2))
    bins = size // 2 + 1 if call.attr("onesided", 1) else size
    return draft.add(op.Everything((2, 3)), [name], (wide[0], frames, bins, 2), "fft")
