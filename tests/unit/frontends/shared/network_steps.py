"""The steps that random networks are made of: each draws its options and writes an expression."""

from __future__ import annotations

from random_networks import Draft, Step


def convolution(d: Draft, x: int) -> str:
    c = d.values[x].shape[1]
    kernel, dilation = d.per_axis(1, 5), d.per_axis(1, 2)
    groups = d.pick(1, 1, c, 2)
    if d.number(0, 3) == 0:
        where = f"padding='same', dilation={dilation}"
    else:
        padding = tuple(d.number(0, (k - 1) * e) for k, e in zip(kernel, dilation, strict=True))
        mode = d.pick("zeros", "zeros", "reflect", "replicate", "circular")
        stride = d.per_axis(1, 3)
        where = f"stride={stride}, dilation={dilation}, padding={padding}, padding_mode='{mode}'"
    out = groups * d.number(1, 2)
    layer = d.layer(f"nn.Conv{d.axes}d({c}, {out}, {kernel}, {where}, groups={groups})")
    return f"{layer}(h[{x}])"


def transposed(d: Draft, x: int) -> str:
    c = d.values[x].shape[1]
    kernel, stride, dilation = d.per_axis(1, 5), d.per_axis(1, 3), d.per_axis(1, 2)
    padding = tuple(d.number(0, min(2, k - 1)) for k in kernel)
    extra = tuple(d.number(0, s - 1) for s in stride)
    groups = d.pick(1, 1, c)
    layer = d.layer(
        f"nn.ConvTranspose{d.axes}d({c}, {groups}, {kernel}, {stride}, {padding}, {extra}, "
        f"{groups}, dilation={dilation})"
    )
    return f"{layer}(h[{x}])"


def pooling(d: Draft, x: int) -> str:
    kernel, stride, ceil = d.per_axis(1, 4), d.per_axis(1, 3), d.flag()
    padding = tuple(d.number(0, k // 2) for k in kernel)
    if d.flag():
        dilation = d.per_axis(1, 2)
        options = f"{kernel}, {stride}, {padding}, {dilation}, ceil_mode={ceil}"
        return f"F.max_pool{d.axes}d(h[{x}], {options})"
    options = f"{kernel}, {stride}, {padding}, ceil_mode={ceil}, count_include_pad={d.flag()}"
    return f"F.avg_pool{d.axes}d(h[{x}], {options})"


def lp_pooling(d: Draft, x: int) -> str:
    kernel, stride = (d.per_axis(1, 3), d.per_axis(1, 3)) if d.axes > 1 else (2, d.number(1, 3))
    return f"F.lp_pool{d.axes}d(h[{x}], 2.0, {kernel}, {stride}, {d.flag()})"


def adaptive(d: Draft, x: int) -> str:
    sizes = tuple(d.pick(1, 2, d.number(2, size), size) for size in d.values[x].shape[2:])
    return f"F.adaptive_{d.pick('avg', 'max')}_pool{d.axes}d(h[{x}], {sizes})"


def resample(d: Draft, x: int) -> str:
    smooth = {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}[d.axes]
    mode = d.pick("nearest", "nearest-exact", *smooth)
    options = f"mode='{mode}'"
    if mode in smooth:
        options += f", align_corners={d.flag()}"
    if d.flag():
        sizes = tuple(d.number(max(1, size // 2), size * 2 + 1) for size in d.values[x].shape[2:])
        return f"F.interpolate(h[{x}], size={sizes}, {options})"
    scale = tuple(d.pick(0.5, 1, 1.5, 2, 3, 0.7, 1.3) for _ in range(d.axes))
    again = f", recompute_scale_factor={d.flag()}"
    return f"F.interpolate(h[{x}], scale_factor={scale}, {options}{again})"


def antialiased(d: Draft, x: int) -> str:
    sizes = tuple(d.number(max(1, size // 2), size + 4) for size in d.values[x].shape[2:])
    options = f"mode='{d.pick('bilinear', 'bicubic')}', align_corners={d.flag()}, antialias=True"
    return f"F.interpolate(h[{x}], {sizes}, {options})"


def pixel_shuffle(d: Draft, x: int) -> str:
    return f"F.{d.pick('pixel_shuffle', 'pixel_unshuffle')}(h[{x}], 2)"


def strided(d: Draft, x: int) -> str:
    dim = d.some_axis()
    size = d.values[x].shape[dim]
    start, stop, step = d.number(0, size // 3), size - d.number(0, size // 3), d.number(1, 3)
    return f"h[{x}][{':, ' * dim}{start}:{stop}:{step}]"


def flipped(d: Draft, x: int) -> str:
    return f"h[{x}].flip({d.some_axis()})"


def turned(d: Draft, x: int) -> str:
    return f"h[{x}].transpose({d.some_axis()}, {d.some_axis()})"


def rotated(d: Draft, x: int) -> str:
    return f"torch.rot90(h[{x}], {d.number(1, 3)}, (2, 3))"


def rolled(d: Draft, x: int) -> str:
    return f"torch.roll(h[{x}], {d.number(-3, 3)}, {d.number(1, d.axes + 1)})"


def focused(_: Draft, x: int) -> str:
    return f"focus(h[{x}])"


def merged(_: Draft, x: int) -> str:
    return f"merged_patches(h[{x}])"


def concatenated(d: Draft, x: int) -> str:
    dim = d.number(1, d.axes + 1)
    y = d.like(x, dim)
    return f"torch.cat([h[{x}], h[{y}]], {dim})"


def extended(d: Draft, x: int) -> str:
    """Constants before positions or channels."""
    dim = d.number(1, d.axes + 1)
    shape = list(d.values[x].shape)
    shape[dim] = d.number(1, 2)
    return f"torch.cat([torch.ones({shape}), h[{x}]], {dim})"


def padded(d: Draft, x: int) -> str:
    mode = d.pick("constant", "reflect", "replicate", "circular")
    pads = tuple(d.number(-2, 3) for _ in range(2 * d.axes))
    return f"F.pad(h[{x}], {pads}, '{mode}')"


def causal(d: Draft, x: int) -> str:
    c, kernel, dilation = d.values[x].shape[1], d.number(2, 3), d.number(1, 3)
    before = (kernel - 1) * dilation
    rest = (1,) * (d.axes - 1)
    options = f"({', '.join(map(str, (*rest, kernel)))},), dilation={(*rest, dilation)}"
    layer = d.layer(f"nn.Conv{d.axes}d({c}, {c}, {options})")
    return f"{layer}(F.pad(h[{x}], ({before}, 0)))"


def added(d: Draft, x: int) -> str:
    return f"h[{x}] {d.pick('+', '*', '-')} h[{d.like(x)}]"


def merged_in_place(d: Draft, x: int) -> str:
    return f"h[{x}].clone().{d.pick('add_', 'mul_', 'copy_')}(h[{d.like(x)}])"


def broadcast(d: Draft, x: int) -> str:
    """Another value of which some dimensions are averaged."""
    y, dim = d.like(x), d.number(1, d.axes + 1)
    return f"h[{x}] + h[{y}].{d.pick('mean', 'amax', 'sum')}({dim}, keepdim=True)"


def constant(d: Draft, x: int) -> str:
    shape = [d.pick(1, size) for size in d.values[x].shape]
    return f"h[{x}] * torch.ones({shape})"


def activation(d: Draft, x: int) -> str:
    return f"F.{d.pick('relu', 'gelu', 'silu', 'leaky_relu', 'hardswish', 'softplus')}(h[{x}])"


def norm(d: Draft, x: int) -> str:
    c = d.values[x].shape[1]
    options = [
        f"nn.BatchNorm{d.axes}d({c})",
        f"nn.GroupNorm(1, {c})",
        f"nn.InstanceNorm{d.axes}d({c})",
    ]
    return f"{d.layer(d.pick(*options))}(h[{x}])"


def channels_last(d: Draft, x: int) -> str:
    c = d.values[x].shape[1]
    layer = d.layer(d.pick(f"nn.LayerNorm({c})", f"nn.Linear({c}, {d.number(1, 4)})"))
    return f"channels_last(h[{x}], {layer})"


def einsum(d: Draft, x: int) -> str:
    c = d.values[x].shape[1]
    return f"torch.einsum('nc...,ck->nk...', h[{x}], torch.ones({c}, {d.number(1, 4)}))"


def softmax(d: Draft, x: int) -> str:
    return f"h[{x}] + h[{x}].softmax({d.number(1, d.axes + 1)})"


def glu(d: Draft, x: int) -> str:
    return f"F.glu(h[{x}], {d.number(1, d.axes + 1)})"


def chunked(d: Draft, x: int) -> str:
    c, kernel = d.values[x].shape[1], (*d.per_axis(1, 1)[1:], 3)
    layer = d.layer(f"nn.Conv{d.axes}d({c // 2}, {c // 2}, {kernel}, padding='same')")
    chunk = f"h[{x}].chunk(2, 1)"
    return f"torch.cat([{chunk}[0], {layer}({chunk}[1])], 1)"


def scaled(d: Draft, x: int) -> str:
    return f"scales(h[{x}], {d.layer(f'nn.Conv{d.axes}d(1, 1, 3, padding=1)')})"


def shuffled(d: Draft, x: int) -> str:
    groups = d.pick(*(g for g in (1, 2, 3, 4) if d.values[x].shape[1] % g == 0))
    return d.pick(f"shuffled(h[{x}], {groups})", f"F.channel_shuffle(h[{x}], {groups})")


def gated(d: Draft, x: int) -> str:
    return d.pick(f"gate(h[{x}])", f"coordinate_gate(h[{x}], {d.some_axis()})")


def stripped(d: Draft, x: int) -> str:
    return d.pick(f"strips(h[{x}]) + h[{x}]", f"pooled_back(h[{x}])")


def shifted(d: Draft, x: int) -> str:
    return d.pick(f"shifted(h[{x}], {d.some_axis()})", f"downshifted(h[{x}])")


def replaced(d: Draft, x: int) -> str:
    return f"replaced(h[{x}], h[{d.like(x)}], {d.number(0, 2)}, {d.number(1, 3)})"


def windows(d: Draft, x: int) -> str:
    sizes = _divisors(d, x)
    if d.flag():
        return f"grid_attention(h[{x}], {sizes}, {d.flag()})"
    shifts = tuple(d.number(0, size - 1) for size in sizes)
    return f"window_attention(h[{x}], {sizes}, {shifts}, {d.flag()})"


def _divisors(d: Draft, x: int) -> tuple[int, ...]:
    return tuple(
        d.pick(*(w for w in (1, 2, 3, 4) if size % w == 0)) for size in d.values[x].shape[2:]
    )


def tokens(d: Draft, x: int) -> str:
    c = d.values[x].shape[1]
    return f"{d.layer(f'ClassToken({c}, {d.number(0, 2)}, {d.flag()})')}(h[{x}])"


def attention(d: Draft, x: int) -> str:
    return f"{d.layer(f'Attention({d.values[x].shape[1]}, 1)')}(h[{x}])"


def mixer(d: Draft, x: int) -> str:
    dim = d.some_axis()
    return f"{d.layer(f'Mixer({dim}, {d.values[x].shape[dim]})')}(h[{x}])"


def recurrent(d: Draft, x: int) -> str:
    kind, both = d.pick("RNN", "GRU", "LSTM"), d.flag()
    layer = d.layer(f"Recurrent({d.some_axis()}, {d.values[x].shape[1]}, '{kind}', {both})")
    return f"{layer}(h[{x}])"


def cumulative(d: Draft, x: int) -> str:
    return f"h[{x}].{d.pick('cumsum', 'cumprod')}({d.number(1, d.axes + 1)})"


def filtered(d: Draft, x: int) -> str:
    dims = d.pick(*((2,), (2, 3), (3,))) if d.axes > 1 else (2,)
    return f"h[{x}] + filtered(h[{x}], {dims})"


def gathered(d: Draft, x: int) -> str:
    dim = d.number(1, d.axes + 1)
    size = d.values[x].shape[dim]
    index = [d.number(0, size - 1) for _ in range(d.number(1, min(size, 6)))]
    places = f"torch.tensor({index})"
    return d.pick(
        f"h[{x}].index_select({dim}, {places})",
        f"h[{x}][{':, ' * dim}{places}]",
        f"h[{x}][{':, ' * dim}{index}]",
    )


def unfolded(d: Draft, x: int) -> str:
    dim, size, step = d.some_axis(), d.number(1, 4), d.number(1, 3)
    return f"h[{x}].unfold({dim}, {size}, {step}).{d.pick('mean(-1)', 'amax(-1)', 'select(-1, 0)')}"


def folded(d: Draft, x: int) -> str:
    kernel, stride, padding = d.per_axis(1, 3), d.per_axis(1, 2), d.per_axis(0, 1)
    options = f"{kernel}, padding={padding}, stride={stride}"
    sizes = tuple(d.values[x].shape[2:])
    return f"F.fold(F.unfold(h[{x}], {options}), {sizes}, {options})"


def repeated(d: Draft, x: int) -> str:
    dim = d.number(1, d.axes + 1)
    times = [2 if place == dim else 1 for place in range(d.axes + 2)]
    doubled = [*d.values[x].shape[:dim], 2, *d.values[x].shape[dim:]]
    return d.pick(
        f"h[{x}].repeat({times})",
        f"h[{x}].tile({times})",
        f"h[{x}].repeat_interleave(2, {dim})",
        f"torch.stack([h[{x}], h[{d.like(x)}]], {dim}).flatten({dim - 1}, {dim})",
        f"torch.stack([h[{x}], h[{d.like(x)}]], {dim + 1}).flatten({dim}, {dim + 1})",
        f"torch.stack(h[{x}].unbind({dim})[::-1], {dim})",
        f"h[{x}].unsqueeze({dim}).expand({doubled}).mean({dim})",
    )


def masked(d: Draft, x: int) -> str:
    size = d.values[x].shape[-1]
    mask = f"torch.arange({size}) < {d.number(0, size)}"
    return d.pick(
        f"torch.where({mask}, h[{x}], h[{d.like(x)}])", f"h[{x}].masked_fill({mask}, 0.0)"
    )


def sequence(d: Draft, x: int) -> str:
    """All positions in one row, a convolution over them, and the map again."""
    c, k = d.values[x].shape[1], d.pick(1, 3)
    sizes = tuple(d.values[x].shape[2:])
    layer = d.layer(f"nn.Conv1d({c}, {c}, {k}, padding={k // 2})")
    return f"{layer}(h[{x}].flatten(2)).unflatten(2, {sizes})"


def reshaped(d: Draft, x: int) -> str:
    """A digit of the positions moved to the channels or back."""
    c, *sizes = d.values[x].shape[1:]
    *lead, last = sizes
    return d.pick(
        f"h[{x}].reshape(1, {c}, *{lead}, {last // 2}, 2).movedim(-1, 2).flatten(1, 2)",
        f"h[{x}].reshape(1, {c}, *{lead}, 2, {last // 2}).mean(-2)",
        f"h[{x}].unflatten(1, (2, -1)).movedim(1, -1).flatten(-2)",
        f"h[{x}].reshape(1, {c}, *{lead}, {last // 2}, 2).transpose(-1, -2).flatten(-2)",
        f"h[{x}].flatten(1).reshape(1, {c}, *{lead}, {last})",
    )


def dense(d: Draft, x: int) -> str:
    """Flattened, a dense layer, and the result added to the map."""
    c, size = d.values[x].shape[1], d.values[x].numel()
    layer = d.layer(f"nn.Linear({size}, {c})")
    return f"h[{x}] + {layer}(h[{x}].flatten(1)).reshape(1, {c}, *{[1] * d.axes})"


STEPS: tuple[Step, ...] = (
    convolution, convolution, convolution, transposed, pooling, lp_pooling, adaptive, resample,
    antialiased, pixel_shuffle, strided, flipped, turned, rotated, rolled, focused, merged,
    concatenated, extended, padded, causal, added, merged_in_place, broadcast, constant,
    activation, norm, channels_last, einsum, softmax, glu, chunked, scaled, shuffled, gated,
    stripped, shifted, replaced, windows, tokens, attention, mixer, recurrent, cumulative,
    filtered, gathered, unfolded, folded, repeated, masked, sequence, reshaped, dense,
)  # fmt: skip
