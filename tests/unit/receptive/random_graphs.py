"""Random graphs of every regular and irregular operation."""

from __future__ import annotations

from collections.abc import Callable

from building import Net
from drafts import Draft, Drawn, Step
from hypothesis import strategies as st
from random_steps import (
    concatenate,
    concatenate_positions,
    constant_gate,
    convolution,
    cut,
    expand,
    full_attention,
    gate,
    gather,
    join,
    linear,
    mean,
    merge,
    norm,
    overwrite,
    pad,
    permute,
    repeat,
    resample,
    roll,
    select,
    softmax,
    split,
    transposed,
    unfold,
    unfold_and_fold,
    window_attention,
)

REGULAR: tuple[Step, ...] = (
    convolution, convolution, merge, merge, constant_gate, norm, linear, concatenate,
)  # fmt: skip

AFFINE: tuple[Step, ...] = (
    *REGULAR, convolution, gate, mean, softmax, cut, permute, join, pad, expand, select,
)  # fmt: skip

STEPS: tuple[Step, ...] = (
    *AFFINE, transposed, split, split, gather, roll, repeat, resample, unfold,
    unfold_and_fold, overwrite, window_attention, full_attention, concatenate_positions,
)  # fmt: skip

ORDERED: tuple[Step, ...] = (
    *AFFINE, transposed, resample, resample, window_attention, unfold_and_fold,
)  # fmt: skip
"""Positions stay in order and appear once, so that the central half is that of the indices."""


@st.composite
def graphs(draw: Callable[..., int], steps: tuple[Step, ...] = (), most: int = 7) -> Drawn:
    """A random graph of up to ``most`` operations on one to three axes."""
    axes = draw(st.sampled_from([1, 1, 2, 2, 3]))
    sizes = {1: [48, 64, 47], 2: [20, 24, 23], 3: [10, 12, 11]}[axes]
    net = Net(
        *(draw(st.sampled_from(sizes)) for _ in range(axes)), channels=draw(st.integers(1, 4))
    )
    draft = Draft(draw, net)
    shape = net.shape(net.input)
    dims = tuple(((None if d < 2 else d - 2, size),) for d, size in enumerate(shape))
    draft.pool.append(draft.keep(net.input, dims))
    for _ in range(draw(st.integers(1, most))):
        name = draft.pool[-1] if draw(st.booleans()) else draw(st.sampled_from(draft.pool))
        made = draw(st.sampled_from(steps or STEPS))(draft, name)
        if made is not None:
            draft.pool.append(made)
    if len(net.nodes) == 1:
        draft.keep(net.relu(net.input), dims)
    return Drawn(net.graph(), draft.dims)
