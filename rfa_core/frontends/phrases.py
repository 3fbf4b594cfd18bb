"""Operations that every framework has, in the words of the graph.

Names of functions and arguments are numpy's. Dimensions may be negative. All functions write
to a ``Draft`` and return the name of the last node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rfa_core.frontends.draft import Draft
from rfa_core.graph import operations as op


def contraction(rank: int, dims: Sequence[int], keep: bool) -> op.Contract:
    """One tensor summed over ``dims``; kept ones become fresh dimensions."""
    labels = tuple(range(rank))
    if keep:
        output = tuple(rank + dim if dim in dims else dim for dim in labels)
    else:
        output = tuple(dim for dim in labels if dim not in dims)
    return op.Contract((labels,), output)


def reduced(
    draft: Draft, name: str, dims: Sequence[int] | None, keep: bool, kind: str = "mean"
) -> str:
    """A sum, mean, maximum ... over ``dims``, all of them if None."""
    shape = draft.shape(name)
    rank = len(shape)
    gone = tuple(range(rank)) if dims is None else tuple(dim % rank for dim in dims)
    if not gone:
        return name
    sizes = [1 if dim in gone else size for dim, size in enumerate(shape)]
    out = sizes if keep else [size for dim, size in enumerate(shape) if dim not in gone]
    return draft.add(contraction(rank, gone, keep), [name], out, kind)


def softmax(draft: Draft, name: str, dims: Sequence[int] = (-1,), kind: str = "softmax") -> str:
    """Every result along ``dims`` reads all of them; elsewhere it is elementwise."""
    shape = draft.shape(name)
    over = tuple(dim % len(shape) for dim in dims)
    seen = draft.add(contraction(len(shape), over, keep=True), [name], shape, kind)
    return draft.add(op.Pointwise(), [seen], shape, kind)


def elementwise(draft: Draft, names: Sequence[str], kind: str) -> str:
    """Elementwise with numpy's broadcasting."""
    shapes = [draft.shape(name) for name in names]
    return draft.add(op.Pointwise(), names, broadcast(shapes), kind)


def broadcast(shapes: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The shape that numpy broadcasts ``shapes`` to, which fit."""
    rank = max(map(len, shapes), default=0)
    wide = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    return tuple(
        next((size for size in sizes if size != 1), 1) for sizes in zip(*wide, strict=True)
    )


def reshaped(draft: Draft, name: str, shape: Sequence[int], kind: str = "reshape") -> str:
    """The same elements in row-major order; nothing is written if the shape is the same."""
    return (
        name if draft.shape(name) == tuple(shape) else draft.add(op.Reshape(), [name], shape, kind)
    )


def transposed(draft: Draft, name: str, order: Sequence[int], kind: str = "transpose") -> str:
    """Dimension ``d`` of the result is ``order[d]``; nothing is written if that changes nothing."""
    shape = draft.shape(name)
    dims = tuple(dim % len(shape) for dim in order)
    if dims == tuple(range(len(shape))):
        return name
    return draft.add(op.Permute(dims), [name], [shape[dim] for dim in dims], kind)


def sliced(draft: Draft, name: str, ranges: Mapping[int, range], kind: str = "slice") -> str:
    """Along each dimension of ``ranges`` the indices of the range, in its order."""
    for dim, indices in ranges.items():
        shape = list(draft.shape(name))
        own = dim % len(shape)
        if indices != range(shape[own]):
            shape[own] = len(indices)
            name = draft.add(op.Slice(own, indices.start, indices.step), [name], shape, kind)
    return name


def concatenated(draft: Draft, names: Sequence[str], dim: int, kind: str = "concat") -> str:
    """The operands one after the other along ``dim``."""
    shapes = [draft.shape(name) for name in names]
    own = dim % len(shapes[0])
    shape = list(shapes[0])
    shape[own] = sum(one[own] for one in shapes)
    return draft.add(op.Concat(own), names, shape, kind)


def padded(
    draft: Draft,
    name: str,
    before: Sequence[int],
    after: Sequence[int],
    mode: str = "constant",
    kind: str = "pad",
) -> str:
    """``before`` and ``after`` positions added per dimension, cropped where negative."""
    if not any(before) and not any(after):
        return name
    shape = [low + n + high for low, n, high in zip(before, draft.shape(name), after, strict=True)]
    return draft.add(op.Pad(tuple(before), tuple(after), mode), [name], shape, kind)


def expanded(draft: Draft, name: str, shape: Sequence[int], kind: str = "expand") -> str:
    """Broadcast to ``shape``."""
    return (
        name if draft.shape(name) == tuple(shape) else draft.add(op.Expand(), [name], shape, kind)
    )


def einsum(
    draft: Draft,
    equation: str,
    names: Sequence[str | None],
    shapes: Sequence[Sequence[int]],
    kind: str = "einsum",
    *,
    parameters: int = 0,
) -> str:
    """``equation`` has an arrow and no ellipsis; an operand that is None is a learned weight.

    ``shapes`` are those of all operands, weights included: with a weight the node can be judged.
    """
    inputs, output = equation.replace(" ", "").split("->")
    terms = inputs.split(",")
    letters = {letter: at for at, letter in enumerate(dict.fromkeys("".join((*terms, output))))}
    sizes = {
        letter: size
        for term, shape in zip(terms, shapes, strict=True)
        for letter, size in zip(term, shape, strict=True)
    }
    live = [(name, term) for name, term in zip(names, terms, strict=True) if name is not None]
    labels = tuple(tuple(letters[letter] for letter in term) for _, term in live)
    macs = 1
    for letter in letters:
        macs *= sizes.get(letter, 1)
    return draft.add(
        op.Contract(labels, tuple(letters[letter] for letter in output)),
        [name for name, _ in live],
        [sizes[letter] for letter in output],
        kind,
        weighted=None in names,
        parameters=parameters,
        macs=macs if len(terms) > 1 else 0,
    )


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """TensorFlow's SAME (ONNX's SAME_UPPER): how much before and after ``size`` positions.

    The output has ``ceil(size / stride)`` positions; an odd rest goes after.
    """
    total = max((-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
    return total // 2, total - total // 2


def window_size(size: int, kernel: int, stride: int, dilation: int, before: int, after: int) -> int:
    """How many positions a convolution or pooling makes of ``size`` (may be 0 or less)."""
    return (size + before + after - dilation * (kernel - 1) - 1) // stride + 1
