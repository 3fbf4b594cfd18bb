"""Reductions and products: what is summed over."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from rfa_core.frontends.keras.calls import Call
from rfa_core.frontends.keras.operations.elementwise import elementwise
from rfa_core.frontends.keras.registry import operation
from rfa_core.frontends.phrases import einsum, reduced, reshaped, softmax
from rfa_core.frontends.phrases import elementwise as pointwise
from rfa_core.graph import operations as op

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@operation(
    "All", "Amax", "Amin", "Any", "Argmax", "Argmin", "Average", "CountNonzero", "Logsumexp",
    "Max", "Mean", "Median", "Min", "Nanargmax", "Nanargmin", "Nanmax", "Nanmean", "Nanmedian",
    "Nanmin", "Nanprod", "Nanstd", "Nansum", "Nanvar", "Norm", "Prod", "Ptp", "Std", "Sum", "Var",
)  # fmt: skip
def _reduction(call: Call) -> str:
    axis = call.get("axis")
    name = call.source()
    if call.is_live("weights"):
        name = pointwise(call.draft, list(call.operands()), call.kind)
    dims = None if axis is None else [axis] if isinstance(axis, int) else list(axis)
    if dims == []:
        return elementwise(call)
    return reduced(call.draft, name, dims, bool(call.get("keepdims")), call.kind)


@operation("Moments")
def _moments(call: Call) -> Sequence[str]:
    axes = call.get("axes")
    dims = [axes] if isinstance(axes, int) else list(axes)
    name = reduced(call.draft, call.source(), dims, bool(call.get("keepdims")), "moments")
    return [name, name]


@operation("Quantile", "Percentile", "Nanquantile", "Nanpercentile")
def _quantile(call: Call) -> str:
    """One result per quantile, in front."""
    axis = call.get("axis")
    dims = None if axis is None else [axis] if isinstance(axis, int) else list(axis)
    name = reduced(call.draft, call.source(), dims, bool(call.get("keepdims")), call.kind)
    if call.draft.shape(name) == call.shape:
        return name
    return call.draft.add(op.Expand(), [name], call.shape, call.kind)


@operation("Einsum")
def _einsum(call: Call) -> str:
    operands = list(call.values["operands"])
    shapes = [tuple(one.shape) for one in operands]
    equation = explicit(call.get("subscripts"), [len(shape) for shape in shapes])
    return _product(call, equation, operands, shapes)


@operation("Matmul")
def _matmul(call: Call) -> str:
    """The last dimension of the first with the last but one of the second."""
    operands = [call.values["x1"], call.values["x2"]]
    shapes = [tuple(one.shape) for one in operands]
    first, second = (len(shape) for shape in shapes)
    wide = _LETTERS[3 : 3 + max(first, second) - 2]
    left = f"{wide[len(wide) - max(first - 2, 0) :]}{'a' if first > 1 else ''}b"
    right = f"{wide[len(wide) - max(second - 2, 0) :]}b{'c' if second > 1 else ''}"
    out = f"{wide}{'a' if first > 1 else ''}{'c' if second > 1 else ''}"
    return _product(call, f"{left},{right}->{out}", operands, shapes, "matmul")


@operation("Dot")
def _dot(call: Call) -> str:
    operands = [call.values["x1"], call.values["x2"]]
    shapes = [tuple(getattr(one, "shape", ())) for one in operands]
    if not all(shapes):
        return elementwise(call)
    second = len(shapes[1])
    contracted = len(shapes[0]) - 1, max(second - 2, 0)
    return _over(call, operands, shapes, [contracted[0]], [contracted[1]])


@operation("Tensordot")
def _tensordot(call: Call) -> str:
    operands = [call.values["x1"], call.values["x2"]]
    shapes = [tuple(one.shape) for one in operands]
    axes = call.get("axes")
    if isinstance(axes, int):
        rank = len(shapes[0])
        return _over(call, operands, shapes, list(range(rank - axes, rank)), list(range(axes)))
    first, second = ([one] if isinstance(one, int) else list(one) for one in axes)
    return _over(call, operands, shapes, first, second)


@operation("Inner")
def _inner(call: Call) -> str:
    operands = [call.values["x1"], call.values["x2"]]
    shapes = [tuple(getattr(one, "shape", ())) for one in operands]
    return _over(call, operands, shapes, [-1], [-1]) if all(shapes) else elementwise(call)


@operation("Outer")
def _outer(call: Call) -> str:
    operands = [call.values["x1"], call.values["x2"]]
    shapes = [tuple(one.shape) for one in operands]
    names = []
    for one, shape, flat in zip(operands, shapes, ((-1, 1), (1, -1)), strict=True):
        wide = tuple(prod(shape) if size == -1 else size for size in flat)
        names.append(reshaped(call.draft, call.recorder.operand(one), wide))
    return pointwise(call.draft, names, "outer")


@operation("DotProductAttention")
def _attention(call: Call) -> str:
    """``softmax(Q K) V``, every head by itself; fewer keys than queries serve groups of heads."""
    draft = call.draft
    query, key, value = (call.node(name) for name in ("query", "key", "value"))
    heads, keys = draft.shape(query)[2], draft.shape(key)[2]
    if heads != keys:
        times = heads // keys
        key, value = (_repeated(call, name, times) for name in (key, value))
    shapes = [draft.shape(name) for name in (query, key, value)]
    scores = einsum(draft, "btnh,bsnh->bnts", [query, key], shapes[:2], "attention")
    added = [call.node(name) for name in ("bias", "mask") if call.is_live(name)]
    if added:
        scores = pointwise(draft, [scores, *added], "attention")
    weights = softmax(draft, scores, kind="attention")
    found = [draft.shape(weights), shapes[2]]
    return einsum(draft, "bnts,bsnh->btnh", [weights, value], found, "attention")


@operation("CDist")
def _distances(call: Call) -> str:
    operands = [call.values["x"], call.values["y"]]
    shapes = [tuple(one.shape) for one in operands]
    lead = _LETTERS[3 : 1 + len(shapes[0])]
    return _product(call, f"{lead}ab,{lead}cb->{lead}ac", operands, shapes, "cdist")


def explicit(equation: str, ranks: Sequence[int]) -> str:
    """An einsum with its arrow written and its ellipses spelled out."""
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    terms = inputs.split(",")
    free = [letter for letter in _LETTERS if letter not in equation]
    widths = [rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks, strict=True)]
    longest = max((w for w, term in zip(widths, terms, strict=True) if "..." in term), default=0)
    wide = "".join(free[:longest])
    spelled = [
        term.replace("...", wide[len(wide) - width :] if width else "")
        for term, width in zip(terms, widths, strict=True)
    ]
    if not arrow:
        every = "".join(terms).replace(".", "")
        output = "..." * ("..." in inputs) + "".join(
            letter for letter in sorted(set(every)) if every.count(letter) == 1
        )
    return f"{','.join(spelled)}->{output.replace('...', wide)}"


def _over(
    call: Call, operands: Sequence[Any], shapes: Any, first: list[int], second: list[int]
) -> str:
    """The product over the dimensions ``first`` of one and ``second`` of the other operand."""
    ranks = [len(shape) for shape in shapes]
    left = list(_LETTERS[: ranks[0]])
    right = list(_LETTERS[ranks[0] : sum(ranks)])
    for one, other in zip(first, second, strict=True):
        right[other] = left[one]
    shared = {left[one] for one in first}
    out = [letter for letter in (*left, *right) if letter not in shared]
    equation = f"{''.join(left)},{''.join(right)}->{''.join(out)}"
    return _product(call, equation, operands, shapes)


def _product(
    call: Call, equation: str, operands: Sequence[Any], shapes: Any, kind: str = "einsum"
) -> str:
    """Learned operands are no nodes, but make the product one that can be judged."""
    learned = [call.recorder.is_learned(one) for one in operands]
    names = [
        None if own else call.recorder.operand(one)
        for one, own in zip(operands, learned, strict=True)
    ]
    return einsum(call.draft, equation, names, shapes, "linear" if any(learned) else kind)


def _repeated(call: Call, name: str, times: int) -> str:
    shape = call.draft.shape(name)
    indices = tuple(index for index in range(shape[2]) for _ in range(times))
    out = (*shape[:2], shape[2] * times, *shape[3:])
    return call.draft.add(op.Gather(2, indices), [name], out, "repeat")
