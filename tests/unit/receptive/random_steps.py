"""One random operation each, put behind a tensor of a graph in the making.

A step returns the name of what it made; None if nothing of its kind fits.
"""

from __future__ import annotations

from math import prod

from drafts import Dim, Draft, opaque, without
from hypothesis import strategies as st

from rfa_core.graph import operations as op


def convolution(draft: Draft, name: str) -> str | None:
    """A convolution or a pooling over some dimensions, channels mixed by groups."""
    net, shape = draft.net, draft.net.shape(name)
    if len(shape) < 3:
        return None
    dims, windows = tuple(range(2, len(shape))), []
    for dim in dims:
        k, d = draft.number(1, 4), draft.number(1, 2)
        s = draft.number(1, 2) if shape[dim] >= 10 else 1
        p = draft.number(0, (k - 1) * d)
        size = (shape[dim] + 2 * p - (k - 1) * d - 1) // s + 1
        if size < 3:
            k, s, d, p, size = 1, 1, 1, 0, shape[dim]
        windows.append((k, s, d, p, size))
    k, s, d, p, sizes = (tuple(one) for one in zip(*windows, strict=True))
    channels = shape[1]
    groups = draft.pick(*{0, 1, channels, 2 if channels % 2 == 0 else 1})
    out = channels if groups == 0 else groups * draft.number(1, 2)
    if 1 in draft.spatial(name) and groups > 1:
        out = channels
    operation = op.Window(dims, k, s, d, p, 1, groups)
    made = net.add(operation, [name], (shape[0], out, *sizes), weighted=True, kind="conv")
    kept = draft.dims[name]
    mixed = ((None, out),) if groups == 1 else _grouped(kept[1], groups)
    return draft.keep(made, (kept[0], mixed, *kept[2:]))


def _grouped(channels: Dim, groups: int) -> Dim:
    """Groups of positions see the same: no digits, and no order in the whole."""
    if len(channels) == 1 and groups in (0, channels[0][1]):
        return channels
    return (*((axis, 0) for axis, _ in channels), (None, 0))


def transposed(draft: Draft, name: str) -> str | None:
    net, shape = draft.net, draft.net.shape(name)
    dim = len(shape) - 1
    if len(shape) < 3 or shape[dim] > 40 or dim not in draft.spatial(name):
        return None
    k, s, d = draft.number(1, 5), draft.number(1, 3), draft.number(1, 2)
    p = draft.number(0, min(2, (k - 1) * d))
    size = (shape[dim] - 1) * s - 2 * p + (k - 1) * d + 1
    operation = op.Window((dim,), (k,), (s,), (d,), (p,), None, 1, transposed=True)
    made = net.add(operation, [name], net.sized(name, dim, size), weighted=True, kind="conv")
    return draft.keep(made, draft.dims[name])


def merge(draft: Draft, name: str) -> str | None:
    """An elementwise operation with another tensor of the same meaning, or a broadcast one."""
    net, shape = draft.net, draft.net.shape(name)
    others = [
        one for one in draft.pool if net.shape(one) == shape and draft.dims[one] == draft.dims[name]
    ]
    chosen = draft.pick(*others)
    return draft.keep(net.relu(name, str(chosen)), draft.dims[name])


def gate(draft: Draft, name: str) -> str | None:
    """The tensor times its own mean over some dimensions, as in squeeze-and-excitation."""
    net = draft.net
    dims = draft.spatial(name)
    if not dims:
        return None
    some = [dim for dim in dims if draft.draw(st.booleans())] or dims
    mean = net.mean(name, *some, keep=True)
    draft.keep(
        mean, tuple(((None, 1),) if d in some else dim for d, dim in enumerate(draft.dims[name]))
    )
    return draft.keep(net.relu(mean, name), draft.dims[name])


def constant_gate(draft: Draft, name: str) -> str | None:
    net, shape = draft.net, draft.net.shape(name)
    weight = net.constant(*shape[1:])
    draft.keep(weight, draft.dims[name][1:])
    return draft.keep(net.relu(weight, name), draft.dims[name])


def norm(draft: Draft, name: str) -> str | None:
    return draft.keep(draft.net.norm(name, 1), draft.dims[name])


def mean(draft: Draft, name: str) -> str | None:
    net, shape = draft.net, draft.net.shape(name)
    if len(shape) < 4:
        return None
    dim = draft.number(1, len(shape) - 1)
    return draft.keep(net.mean(name, dim), without(draft.dims[name], dim))


def softmax(draft: Draft, name: str) -> str | None:
    dims = [d for d in range(1, len(draft.dims[name])) if d not in draft.spatial(name)]
    if not dims:
        return None
    return draft.keep(draft.net.softmax(name, draft.pick(*dims)), draft.dims[name])


def linear(draft: Draft, name: str) -> str | None:
    dims = [d for d in range(1, len(draft.dims[name])) if d not in draft.spatial(name)]
    if not dims:
        return None
    dim = draft.pick(*dims)
    made = draft.net.linear(name, draft.number(1, 4), dim)
    kept = draft.dims[name]
    return draft.keep(made, (*kept[:dim], ((None, draft.net.shape(made)[dim]),), *kept[dim + 1 :]))


def concatenate(draft: Draft, name: str) -> str | None:
    """Along channels, with itself or another tensor of the same meaning."""
    net, shape = draft.net, draft.net.shape(name)
    if len(shape) < 3 or 1 in draft.spatial(name):
        return None
    fitting = [
        one
        for one in draft.pool
        if len(net.shape(one)) == len(shape)
        and net.shape(one)[2:] == shape[2:]
        and net.shape(one)[0] == shape[0]
        and draft.dims[one][2:] == draft.dims[name][2:]
        and 1 not in draft.spatial(one)
        and net.shape(one)[1] <= 4
    ]
    if shape[1] > 6 or not fitting:
        return None
    made = net.concat(1, name, str(draft.pick(*fitting)))
    kept = draft.dims[name]
    return draft.keep(made, (kept[0], ((None, net.shape(made)[1]),), *kept[2:]))


def concatenate_positions(draft: Draft, name: str) -> str | None:
    """A constant and another copy put before and after along any dimension."""
    net, shape = draft.net, draft.net.shape(name)
    dim = draft.number(0, len(shape) - 1)
    token = net.constant(*net.sized(name, dim, 1))
    draft.keep(token, tuple(((None, size),) for size in net.shape(token)))
    if draft.draw(st.booleans()):
        return draft.keep(net.concat(dim, token, name), opaque(draft.dims[name], dim))
    if prod(shape) > 2000:
        return None
    return draft.keep(net.concat(dim, name, token, name), opaque(draft.dims[name], dim))


def cut(draft: Draft, name: str) -> str | None:
    """A slice with a start, an end and a step, which may be negative."""
    net, shape = draft.net, draft.net.shape(name)
    dims = [dim for dim, size in enumerate(shape) if size >= 4]
    if not dims:
        return None
    dim = draft.pick(*dims)
    start, stop = draft.number(0, 2), shape[dim] - draft.number(0, 1)
    step = draft.pick(1, 1, 2, -1)
    if step == -1:
        made = net.add(op.Slice(dim, stop - 1, -1), [name], net.sized(name, dim, stop - start))
    else:
        made = net.slice(name, dim, start, stop, step)
    return draft.keep(made, opaque(draft.dims[name], dim))


def permute(draft: Draft, name: str) -> str | None:
    dims = draft.dims[name]
    order = draft.draw(st.permutations(range(len(dims))))
    return draft.keep(draft.net.permute(name, *order), tuple(dims[dim] for dim in order))


def join(draft: Draft, name: str) -> str | None:
    """Two neighbouring dimensions flattened into one."""
    net, shape, dims = draft.net, draft.net.shape(name), draft.dims[name]
    if len(shape) < 3:
        return None
    at = draft.number(0, len(shape) - 2)
    if shape[at] * shape[at + 1] == 1:
        return None
    made = net.reshape(name, *shape[:at], shape[at] * shape[at + 1], *shape[at + 2 :])
    digits = tuple(digit for digit in dims[at] + dims[at + 1] if digit != (None, 1))
    return draft.keep(made, (*dims[:at], digits or ((None, 1),), *dims[at + 2 :]))


def split(draft: Draft, name: str) -> str | None:
    """A dimension into two digits: where it was joined, or by a divisor."""
    net, shape, dims = draft.net, draft.net.shape(name), draft.dims[name]
    options = []
    for dim, digits in enumerate(dims):
        for at in range(1, len(digits)):
            left, right = digits[:at], digits[at:]
            options.append((dim, left, right))
        if len(digits) == 1:
            axis, size = digits[0]
            options += [
                (dim, ((axis, size // w),), ((axis, w),))
                for w in (2, 3, 4)
                if size % w == 0 < size // w - 1
            ]
    options = [one for one in options if all(c > 1 for _, c in one[1] + one[2])]
    if not options or len(shape) > 6:
        return None
    dim, left, right = draft.pick(*options)  # type: ignore[misc]
    sizes = [prod(count for _, count in part) for part in (left, right)]
    made = net.reshape(name, *shape[:dim], *sizes, *shape[dim + 1 :])
    return draft.keep(made, (*dims[:dim], left, right, *dims[dim + 1 :]))


def select(draft: Draft, name: str) -> str | None:
    net, shape = draft.net, draft.net.shape(name)
    dims = [d for d in range(1, len(shape)) if d not in draft.spatial(name)]
    if len(shape) < 4 or not dims:
        return None
    dim = draft.pick(*dims)
    made = net.select(name, dim, draft.number(0, shape[dim] - 1))
    return draft.keep(made, without(draft.dims[name], dim))


def gather(draft: Draft, name: str) -> str | None:
    net, shape = draft.net, draft.net.shape(name)
    dim = draft.number(0, len(shape) - 1)
    index = draft.draw(st.permutations(range(shape[dim])))
    made = net.add(op.Gather(dim, tuple(index)), [name], shape)
    return draft.keep(made, opaque(draft.dims[name], dim))


def roll(draft: Draft, name: str) -> str | None:
    shape = draft.net.shape(name)
    dim = draft.number(0, len(shape) - 1)
    return draft.keep(draft.net.roll(name, [dim], [draft.number(-3, 3)]), draft.dims[name])


def pad(draft: Draft, name: str) -> str | None:
    net, shape = draft.net, draft.net.shape(name)
    dim = draft.number(1, len(shape) - 1)
    if shape[dim] < 4:
        return None
    mode = draft.pick("constant", "reflect", "replicate", "circular")
    before, after = draft.number(-1, 3), draft.number(-1, 3)
    return draft.keep(net.pad(name, dim, before, after, str(mode)), opaque(draft.dims[name], dim))


def expand(draft: Draft, name: str) -> str | None:
    net, shape = draft.net, draft.net.shape(name)
    if len(shape) > 5 or prod(shape) > 5000:
        return None
    return draft.keep(net.expand(name, 2, *shape), (((None, 2),), *draft.dims[name]))


def repeat(draft: Draft, name: str) -> str | None:
    net, shape = draft.net, draft.net.shape(name)
    dim = draft.number(0, len(shape) - 1)
    if prod(shape) > 5000:
        return None
    times = [1] * len(shape)
    times[dim] = 2
    return draft.keep(net.repeat(name, *times), opaque(draft.dims[name], dim))


def resample(draft: Draft, name: str) -> str | None:
    """Interpolation of a plain map by simple ratios, or adaptive pooling with uneven bins."""
    net, shape = draft.net, draft.net.shape(name)
    if not draft.plain(name):
        return None
    mode = draft.pick("nearest", "nearest-exact", "linear", "cubic", "adaptive")
    sizes = []
    for size in shape[2:]:
        if mode == "adaptive":
            sizes.append(draft.number(2, max(2, size - 1)))
        else:
            sizes.append(
                size * 2 if size <= 24 and draft.draw(st.booleans()) else max(3, size // 2)
            )
    return draft.keep(net.resample(name, sizes, str(mode)), draft.dims[name])


def unfold(draft: Draft, name: str) -> str | None:
    net, shape = draft.net, draft.net.shape(name)
    dim = draft.number(1, len(shape) - 1)
    size, step, dilation = draft.number(2, 3), draft.number(1, 3), draft.number(1, 2)
    count = (shape[dim] - (size - 1) * dilation - 1) // step + 1
    if count < 3 or len(shape) > 5:
        return None
    made = net.add(
        op.Unfold(dim, size, step, dilation), [name], (*net.sized(name, dim, count), size)
    )
    axes = {axis for axis, _ in draft.dims[name][dim] if axis is not None}
    digit = tuple((axis, 0) for axis in axes) or ((None, size),)
    return draft.keep(made, (*opaque(draft.dims[name], dim), digit))


def unfold_and_fold(draft: Draft, name: str) -> str | None:
    """Windows cut out and put back with a sum."""
    net, shape = draft.net, draft.net.shape(name)
    dim = draft.number(1, len(shape) - 1)
    size = draft.number(2, 4)
    step = draft.number(1, size)
    count = (shape[dim] - size) // step + 1
    if count < 3 or len(shape) > 5:
        return None
    wide = net.add(op.Unfold(dim, size, step), [name], (*net.sized(name, dim, count), size))
    draft.keep(wide, (*opaque(draft.dims[name], dim), draft.dims[name][dim]))
    made = net.add(
        op.Fold(dim, len(shape), step), [wide], net.sized(name, dim, (count - 1) * step + size)
    )
    return draft.keep(made, draft.dims[name])


def overwrite(draft: Draft, name: str) -> str | None:
    """Every second position of one dimension replaced by those of another tensor."""
    net, shape = draft.net, draft.net.shape(name)
    dim = draft.number(1, len(shape) - 1)
    others = [
        one for one in draft.pool if net.shape(one) == shape and draft.dims[one] == draft.dims[name]
    ]
    value = net.slice(str(draft.pick(*others)), dim, 0, shape[dim], 2)
    draft.keep(value, opaque(draft.dims[name], dim))
    starts, steps = (0,) * len(shape), tuple(2 if d == dim else 1 for d in range(len(shape)))
    made = net.add(op.Overwrite(starts, steps), [name, value], shape)
    return draft.keep(made, draft.dims[name])


def window_attention(draft: Draft, name: str) -> str | None:
    """A plain map cut into windows along its last dimension, attended inside, put together."""
    net, shape = draft.net, draft.net.shape(name)
    sizes = [w for w in (2, 3, 4) if shape[-1] % w == 0 and shape[-1] // w > 1]
    if not draft.plain(name) or not sizes or prod(shape) > 3000:
        return None
    w, dims, axis = draft.pick(*sizes), draft.dims[name], net.axes - 1
    count = shape[-1] // w
    cut = draft.keep(
        net.reshape(name, *shape[:-1], count, w), (*dims[:-1], ((axis, count),), ((axis, w),))
    )
    rank = len(shape) + 1
    order = (0, *range(2, rank), 1)
    tokens = draft.keep(net.permute(cut, *order), tuple(draft.dims[cut][d] for d in order))
    query, key = (draft.keep(net.linear(tokens, 3), _channels(draft, tokens, 3)) for _ in range(2))
    mixed = draft.keep(net.attention(query, key, tokens), draft.dims[tokens])
    back = (0, rank - 1, *range(1, rank - 1))
    moved = draft.keep(net.permute(mixed, *back), tuple(draft.dims[mixed][d] for d in back))
    return draft.keep(net.reshape(moved, *shape), dims)


def full_attention(draft: Draft, name: str) -> str | None:
    """All positions of the map attend to all."""
    net, shape = draft.net, draft.net.shape(name)
    if not draft.plain(name) or prod(shape[2:]) > 150:
        return None
    dims = draft.dims[name]
    flat = net.reshape(name, *shape[:2], prod(shape[2:]))
    draft.keep(flat, (dims[0], dims[1], tuple(d for dim in dims[2:] for d in dim)))
    tokens = net.permute(flat, 0, 2, 1)
    draft.keep(tokens, tuple(draft.dims[flat][d] for d in (0, 2, 1)))
    return draft.keep(net.attention(tokens, tokens, tokens), draft.dims[tokens])


def _channels(draft: Draft, name: str, size: int) -> tuple[Dim, ...]:
    return (*draft.dims[name][:-1], ((None, size),))
