"""Functions of TensorFlow, one per kind of operation, against what changes with their input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

IMAGE = (1, "H", "W", 2)
SIZES = (17, 14)
SERIES = (1, "T", 3)
VOLUME = (1, "D", "H", "W", 2)


def kernel(*shape: int) -> Any:
    return tf.constant(np.random.default_rng(1).uniform(0.5, 1, shape).astype("float32"))


WINDOWS: dict[str, tuple[Callable[..., Any], tuple[int | str, ...], tuple[int, ...]]] = {
    "valid": (lambda x: tf.nn.conv2d(x, kernel(3, 5, 2, 4), [1, 2, 1, 1], "VALID"), IMAGE, SIZES),
    "same, even stride and kernel": (
        lambda x: tf.nn.conv2d(x, kernel(4, 3, 2, 4), 2, "SAME"), IMAGE, SIZES
    ),
    "explicit": (
        lambda x: tf.nn.conv2d(x, kernel(4, 3, 2, 4), 2, [[0, 0], [3, 1], [0, 2], [0, 0]]),
        IMAGE, SIZES,
    ),
    "dilated": (
        lambda x: tf.nn.conv2d(x, kernel(3, 3, 2, 4), 1, "SAME", dilations=[2, 3]), IMAGE, SIZES
    ),
    "grouped": (lambda x: tf.nn.conv2d(x, kernel(3, 3, 1, 4), 1, "SAME"), IMAGE, SIZES),
    "depthwise": (
        lambda x: tf.nn.depthwise_conv2d(x, kernel(3, 3, 2, 2), [1, 2, 2, 1], "SAME"), IMAGE, SIZES
    ),
    "depthwise, dilated": (
        lambda x: tf.nn.depthwise_conv2d(
            x, kernel(3, 3, 2, 2), [1, 1, 1, 1], "SAME", dilations=[3, 2]
        ), IMAGE, SIZES,
    ),
    "depthwise, dilated, valid": (
        lambda x: tf.nn.depthwise_conv2d(
            x, kernel(3, 3, 2, 2), [1, 1, 1, 1], "VALID", dilations=[3, 2]
        ), IMAGE, SIZES,
    ),
    "separable, dilated": (
        lambda x: tf.nn.separable_conv2d(
            x, kernel(3, 3, 2, 2), kernel(1, 1, 4, 3), [1, 1, 1, 1], "SAME", dilations=[2, 2]
        ), IMAGE, SIZES,
    ),
    "1d": (lambda x: tf.nn.conv1d(x, kernel(5, 3, 4), 2, "SAME"), SERIES, (23,)),
    "1d, dilated": (
        lambda x: tf.nn.convolution(x, kernel(3, 3, 4), padding="SAME", dilations=[4]),
        SERIES, (23,),
    ),
    "1d, dilated, valid": (
        lambda x: tf.nn.convolution(x, kernel(3, 3, 4), padding="VALID", dilations=[4]),
        SERIES, (23,),
    ),
    "3d": (
        lambda x: tf.nn.conv3d(x, kernel(3, 2, 3, 2, 3), [1, 1, 2, 2, 1], "SAME"),
        VOLUME, (7, 9, 8),
    ),
    "3d, dilated": (
        lambda x: tf.nn.convolution(x, kernel(3, 2, 3, 2, 3), padding="SAME", dilations=[2, 1, 2]),
        VOLUME, (7, 8, 7),
    ),
    "transposed": (
        lambda x: tf.nn.conv2d_transpose(x, kernel(5, 3, 4, 2), [1, 34, 28, 4], 2, "SAME"),
        IMAGE, SIZES,
    ),
    "transposed, valid, wide stride": (
        lambda x: tf.nn.conv2d_transpose(x, kernel(2, 4, 4, 2), [1, 50, 43, 4], 3, "VALID"),
        IMAGE, SIZES,
    ),
    "transposed 1d": (
        lambda x: tf.nn.conv1d_transpose(x, kernel(4, 4, 3), [1, 46, 4], 2, "SAME"), SERIES, (23,)
    ),
    "transposed 3d": (
        lambda x: tf.nn.conv3d_transpose(x, kernel(3, 3, 2, 3, 2), [1, 14, 18, 16, 3], 2, "SAME"),
        VOLUME, (7, 9, 8),
    ),
    "mean of windows": (lambda x: tf.nn.avg_pool2d(x, [3, 2], 2, "SAME"), IMAGE, SIZES),
    "mean of windows in volumes": (
        lambda x: tf.nn.avg_pool3d(x, 2, [1, 2, 2], "VALID"), VOLUME, (7, 9, 8)
    ),
    "dilated mean of windows": (
        lambda x: tf.nn.pool(x, [3, 2], "AVG", padding="VALID", dilations=[2, 3]), IMAGE, SIZES
    ),
    "kernel from the input": (
        lambda x: tf.nn.conv2d(
            x, tf.reduce_mean(x) * kernel(3, 3, 2, 4), 1, "VALID"
        ), IMAGE, SIZES,
    ),
}  # fmt: skip

REARRANGEMENTS: dict[str, Callable[..., Any]] = {
    "reshape, transpose": lambda x: tf.transpose(tf.reshape(x, [1, 4, 4, 8, 2]), [0, 2, 1, 4, 3]),
    "strided slice": lambda x: x[:, 3:-2:2, ::-1, 1],
    "slice with new and left out axes": lambda x: x[..., tf.newaxis, 1:],
    "slice": lambda x: tf.slice(x, [0, 2, 1, 0], [1, -1, 5, 1]),
    "split": lambda x: tf.split(x, 4, axis=1)[2],
    "uneven split": lambda x: tf.split(x, [3, 4, 9], axis=1)[1],
    "concat": lambda x: tf.concat([x[:, 4:], x[:, :4]], axis=1),
    "stack": lambda x: tf.stack([x, tf.reverse(x, [1])], axis=2),
    "unstack": lambda x: tf.unstack(x, axis=3)[1],
    "tile": lambda x: tf.tile(x, [1, 2, 1, 3]),
    "repeat": lambda x: tf.repeat(x, 2, axis=1),
    "roll": lambda x: tf.roll(x, [2, -1], [1, 2]),
    "gather": lambda x: tf.gather(x, [[3, 1], [0, 5]], axis=1),
    "gather with negative axis": lambda x: tf.gather(x, [7, 2, 2], axis=-2),
    "depth to space": lambda x: tf.nn.depth_to_space(tf.concat([x, x], 3), 2),
    "space to depth": lambda x: tf.nn.space_to_depth(x, 4),
    "batch to space": lambda x: tf.batch_to_space(
        tf.concat([x, x + 1, x, x], 0), [2, 2], [[1, 0], [0, 3]]
    ),
    "broadcast": lambda x: tf.broadcast_to(x[..., :1], [1, 16, 8, 5]),
    "where": lambda x: tf.where(np.arange(8)[:, None] > 3, x, 2 * x),
    "shapes": lambda x: tf.reshape(x, [tf.shape(x)[0], -1, tf.shape(x)[2] // 2, 2])[:, 3:],
    "flip": lambda x: tf.image.flip_left_right(x),
    "crop": lambda x: tf.image.central_crop(x, 0.5),
    "boolean mask": lambda x: tf.gather(x, np.flatnonzero([1, 0, 0, 1, 1, 0, 1, 0]), axis=2),
    "squeeze": lambda x: tf.squeeze(tf.expand_dims(x, -1)),
    "one value per row": lambda x: x - x[:, :1],
}

RESIZING: dict[str, Callable[..., Any]] = {
    "bilinear": lambda x: tf.image.resize(x, [32, 20]),
    "bilinear, smaller": lambda x: tf.image.resize(x, [7, 5]),
    "nearest": lambda x: tf.image.resize(x, [32, 11], "nearest"),
    "nearest, smaller": lambda x: tf.image.resize(x, [9, 5], "nearest"),
    "bilinear, corners neither aligned nor centred": lambda x: tf.compat.v1.image.resize_bilinear(
        x, [32, 20]
    ),
    "bilinear, aligned corners": lambda x: tf.compat.v1.image.resize_bilinear(
        x, [31, 20], align_corners=True
    ),
    "nearest, corners neither": lambda x: tf.compat.v1.image.resize_nearest_neighbor(x, [24, 20]),
    "nearest, aligned corners": lambda x: tf.compat.v1.image.resize_nearest_neighbor(
        x, [25, 20], align_corners=True
    ),
    "bicubic, corners neither": lambda x: tf.compat.v1.image.resize_bicubic(x, [32, 20]),
    "area": lambda x: tf.image.resize(x, [7, 5], "area"),
    "bilinear, a third": lambda x: tf.image.resize(x[:, :15, :9], [5, 3]),
}

PADDING: dict[str, Callable[..., Any]] = {
    "zeros": lambda x: tf.pad(x, [[0, 0], [2, 1], [0, 3], [0, 0]]),
    "reflected": lambda x: _mean(tf.pad(x, [[0, 0], [2, 1], [0, 3], [0, 0]], "REFLECT")),
    "mirrored": lambda x: tf.pad(x, [[0, 0], [2, 1], [0, 3], [0, 0]], "SYMMETRIC"),
    "space to batch": lambda x: tf.space_to_batch(x, [2, 4], [[1, 1], [0, 0]]),
    "patches": lambda x: tf.image.extract_patches(
        x, [1, 3, 2, 1], [1, 2, 1, 1], [1, 2, 1, 1], "SAME"
    ),
}


def _mean(x: Any) -> Any:
    return tf.nn.avg_pool2d(x, 3, 1, "VALID")


CONTRACTIONS: dict[str, Callable[..., Any]] = {
    "matrix product": lambda x: tf.matmul(x[..., 0], kernel(8, 3)),
    "transposed matrix product": lambda x: tf.matmul(x[..., 0], x[..., 1], transpose_a=True),
    "dense over channels": lambda x: tf.tensordot(x, kernel(2, 5), 1),
    "einsum": lambda x: tf.einsum("nhwc,cd->nhdw", x, kernel(2, 3)),
    "einsum with an ellipsis": lambda x: tf.einsum("...wc,wd->...cd", x, kernel(8, 3)),
    "mean over width": lambda x: tf.reduce_mean(x, 2),
    "sum, kept": lambda x: x + tf.reduce_sum(x, [1], keepdims=True),
    "softmax": lambda x: tf.nn.softmax(x, axis=2),
    "attention in windows": lambda x: _windowed(x),
    "fourier transform": lambda x: tf.math.abs(tf.signal.rfft(x[..., 0])),
}


def _windowed(x: Any) -> Any:
    rows = tf.reshape(tf.reshape(x, [1, 4, 4, 8, 2]), [1, 4, 4, 16])
    scores = tf.nn.softmax(tf.matmul(rows, rows, transpose_b=True))
    return tf.reshape(tf.matmul(scores, rows), [1, 16, 8, 2])


@pytest.mark.parametrize("name", WINDOWS)
def test_windows_see_what_they_claim(name: str, disagreements: Any) -> None:
    function, shape, sizes = WINDOWS[name]

    found = disagreements(function, shape, sizes)

    assert found == []


@pytest.mark.parametrize(
    "function",
    [
        lambda x: tf.nn.max_pool2d(x, [3, 2], 2, "SAME"),
        lambda x: tf.nn.max_pool2d(x, 3, 1, [[0, 0], [1, 1], [2, 0], [0, 0]]),
        lambda x: tf.nn.max_pool3d(x[..., tf.newaxis, :], [2, 3, 1], [1, 2, 1], "VALID"),
        lambda x: tf.nn.max_pool_with_argmax(x, 2, 2, "VALID")[0],
        lambda x: tf.nn.pool(x, [3, 2], "MAX", padding="VALID", dilations=[2, 1]),
        lambda x: tf.nn.dilation2d(
            x, kernel(3, 2, 2), [1, 1, 1, 1], "SAME", "NHWC", [1, 2, 1, 1]
        ),
        lambda x: tf.image.resize(x[:, :16, :10], [7, 5], antialias=True),
        lambda x: tf.reduce_max(x, 2),
        lambda x: tf.nn.lrn(x, 1),
    ],
    ids=["same", "explicit", "3d", "argmax", "dilated", "morphology", "antialiased",
         "reduced", "responses"],
)  # fmt: skip
def test_maxima_see_what_they_claim(function: Any, disagreements: Any) -> None:
    found = disagreements(function, IMAGE, SIZES, "rise")

    assert found == []


@pytest.mark.parametrize("name", REARRANGEMENTS)
def test_rearrangements_see_what_they_claim(name: str, disagreements: Any) -> None:
    found = disagreements(REARRANGEMENTS[name], IMAGE, (16, 8))

    assert found == []


@pytest.mark.parametrize("name", PADDING)
def test_padding_moves_what_is_inside(name: str, disagreements: Any) -> None:
    found = disagreements(PADDING[name], IMAGE, (16, 8), padded=True)

    assert found == []


@pytest.mark.parametrize("name", RESIZING)
def test_resizing_sees_what_it_claims(name: str, disagreements: Any) -> None:
    found = disagreements(RESIZING[name], IMAGE, (16, 10))

    assert found == []


@pytest.mark.parametrize("name", CONTRACTIONS)
def test_contractions_see_what_they_claim(name: str, disagreements: Any) -> None:
    found = disagreements(CONTRACTIONS[name], IMAGE, (16, 8))

    assert found == []
