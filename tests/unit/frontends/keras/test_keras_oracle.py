"""Every kind of layer and operation, held to what the real layer does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from packaging.version import Version

from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph

pytestmark = pytest.mark.keras
keras = pytest.importorskip("keras")
layers, ops = keras.layers, keras.ops

IMAGE = (1, "H", "W", 4)
SOUND = (1, "T", 4)
VOLUME = (1, "D", "H", "W", 2)

Build = Callable[[Any], Any]


LATER = {"resizing, antialiased": "3.9", "gated": "3.12", "patches": "3.14"}
"""From which Keras on these run, and are made of operations that are known; for others the name
says whether they are there."""


def network(shape: tuple[int | str, ...], sizes: tuple[int, ...], build: Build) -> Any:
    keras.utils.set_random_seed(1)
    own = iter(sizes)
    x = keras.Input([next(own) if isinstance(size, str) else size for size in shape[1:]])
    return keras.Model(x, build(x))


def named(
    shape: tuple[int | str, ...], sizes: tuple[int, ...], builds: Mapping[str, Build], name: str
) -> Any:
    """A network of one entry of ``builds``, or a skip where this Keras does not have it."""
    if Version(keras.__version__) < Version(LATER.get(name, "0")):
        pytest.skip(f"needs Keras {LATER[name]}")
    try:
        return network(shape, sizes, builds[name])
    except AttributeError as error:
        if error.obj in (layers, ops, ops.image):
            pytest.skip(f"needs a later Keras: {error}")
        raise


CONVOLUTIONS = {
    "same": lambda x: layers.Conv2D(3, 3, padding="same")(x),
    "same, even kernel": lambda x: layers.Conv2D(3, 4, padding="same")(x),
    "same, strided": lambda x: layers.Conv2D(3, 3, strides=2, padding="same")(x),
    "same, strided, large": lambda x: layers.Conv2D(3, (5, 2), strides=(3, 2), padding="same")(x),
    "valid, strided": lambda x: layers.Conv2D(3, 3, strides=2)(x),
    "dilated": lambda x: layers.Conv2D(3, 3, dilation_rate=(2, 3), padding="same")(x),
    "dilated, even": lambda x: layers.Conv2D(3, 2, dilation_rate=3, padding="same")(x),
    "groups": lambda x: layers.Conv2D(4, 3, groups=2)(x),
    "with an activation": lambda x: layers.Conv2D(3, 3, activation="softplus")(x),
    "with a layer as activation": lambda x: layers.Conv2D(3, 3, activation=layers.LeakyReLU())(x),
    "depthwise": lambda x: layers.DepthwiseConv2D(3, strides=2, padding="same")(x),
    "depthwise, multiplied": lambda x: layers.DepthwiseConv2D(3, depth_multiplier=2)(x),
    "separable": lambda x: layers.SeparableConv2D(5, 3, padding="same")(x),
    "separable, strided": lambda x: layers.SeparableConv2D(5, 3, strides=2)(x),
    "transposed": lambda x: layers.Conv2DTranspose(3, 3, strides=2, padding="same")(x),
    "transposed, 4 by 2": lambda x: layers.Conv2DTranspose(3, 4, strides=2, padding="same")(x),
    "transposed, 5 by 3": lambda x: layers.Conv2DTranspose(3, 5, strides=3, padding="same")(x),
    "transposed, valid": lambda x: layers.Conv2DTranspose(3, (3, 2), strides=2)(x),
    "transposed, small kernel": lambda x: layers.Conv2DTranspose(3, 1, strides=2)(x),
    "transposed, output padding": lambda x: layers.Conv2DTranspose(
        3, 3, strides=2, padding="same", output_padding=1
    )(x),
    "strided and transposed": lambda x: layers.Conv2DTranspose(3, 4, strides=2, padding="same")(
        layers.Conv2D(3, 3, strides=2, padding="same")(x)
    ),
    "spectral": lambda x: layers.SpectralNormalization(layers.Conv2D(3, 3))(x),
}
POOLING = {
    "max": lambda x: layers.MaxPooling2D(2)(x),
    "max, overlapping": lambda x: layers.MaxPooling2D(3, strides=2, padding="same")(x),
    "average": lambda x: layers.AveragePooling2D(3, strides=2, padding="same")(x),
    "average, valid": lambda x: layers.AveragePooling2D((2, 3), strides=1)(x),
    "global average": lambda x: layers.GlobalAveragePooling2D()(x),
    "global max": lambda x: layers.GlobalMaxPooling2D(keepdims=True)(x),
    "adaptive": lambda x: layers.AdaptiveAveragePooling2D((5, 3))(x),
    "adaptive to one row": lambda x: layers.AdaptiveMaxPooling2D((1, 4))(x),
}
RESHAPING = {
    "zero padding": lambda x: layers.ZeroPadding2D(((1, 2), (0, 3)))(x),
    "cropping": lambda x: layers.Cropping2D(((1, 2), (0, 3)))(x),
    "up-sampling": lambda x: layers.UpSampling2D(2)(x),
    "up-sampling, bilinear": lambda x: layers.UpSampling2D((2, 4), interpolation="bilinear")(x),
    "up-sampling, bicubic": lambda x: layers.UpSampling2D(2, interpolation="bicubic")(x),
    "permute": lambda x: layers.Permute((2, 1, 3))(x),
    "reshape": lambda x: layers.Reshape((7, 2, 6, 2, 4))(x),
    "reshape to columns": lambda x: layers.Reshape((14, -1))(x),
    "flatten": lambda x: layers.Flatten()(x),
    "flatten and dense": lambda x: layers.Dense(3)(layers.Flatten()(x)),
    "identity": lambda x: layers.Identity()(layers.Dropout(0.5)(x)),
}
OTHERS = {
    "dense over channels": lambda x: layers.Dense(5, activation="gelu")(x),
    "einsum over channels": lambda x: layers.EinsumDense("bhwc,cd->bhwd", (None, None, 5))(x),
    "einsum with an ellipsis": lambda x: layers.EinsumDense("...c,cd->...d", (14, 12, 5))(x),
    "einsum over rows": lambda x: layers.EinsumDense("bhwc,hk->bkwc", (7, 12, 4))(x),
    "batch norm": lambda x: layers.BatchNormalization()(x),
    "layer norm": lambda x: layers.LayerNormalization()(x),
    "rms norm": lambda x: layers.RMSNormalization()(x),
    "unit norm": lambda x: layers.UnitNormalization(axis=-1)(x),
    "softmax over channels": lambda x: layers.Softmax()(x),
    "prelu": lambda x: layers.PReLU(shared_axes=[1, 2])(x),
    "elu and others": lambda x: layers.ELU()(layers.ReLU(6.0)(x)),
    "add": lambda x: layers.Add()([x, layers.Conv2D(4, 3, padding="same")(x)]),
    "average of branches": lambda x: layers.Average()([x, layers.Conv2D(4, 5, padding="same")(x)]),
    "multiply": lambda x: layers.Multiply()([x, layers.Conv2D(4, 3, padding="same")(x)]),
    "subtract": lambda x: layers.Subtract()([x, layers.Conv2D(4, 3, padding="same")(x)]),
    "concatenate": lambda x: layers.Concatenate()([x, layers.Conv2D(2, 3, padding="same")(x)]),
    "concatenate rows": lambda x: layers.Concatenate(axis=1)([x, x]),
    "dot": lambda x: layers.Dot(axes=(1, 1))([layers.Reshape((14, 48))(x), x[:, :, 0]]),
    "rescaling": lambda x: layers.Rescaling(1 / 255, offset=-1)(x),
    "resizing": lambda x: layers.Resizing(9, 23)(x),
    "resizing, nearest": lambda x: layers.Resizing(5, 17, interpolation="nearest")(x),
    "resizing, antialiased": lambda x: layers.Resizing(5, 7, antialias=True)(x),
    "resizing, cut": lambda x: layers.Resizing(9, 4, crop_to_aspect_ratio=True)(x),
    "resizing, padded": lambda x: layers.Resizing(5, 6, pad_to_aspect_ratio=True)(x),
    "centre crop": lambda x: layers.CenterCrop(9, 7)(x),
    "random layers": lambda x: layers.RandomFlip()(layers.RandomRotation(0.2)(x)),
    "lambda": lambda x: layers.Lambda(lambda y: ops.roll(y, 2, axis=1) * 2)(x),
    "attention over rows": lambda x: layers.MultiHeadAttention(2, 3, attention_axes=1)(x, x),
    "attention": lambda x: layers.MultiHeadAttention(2, 3)(
        layers.Reshape((14 * 12, 4))(x), layers.Reshape((14 * 12, 4))(x)
    ),
    "time distributed": lambda x: layers.TimeDistributed(layers.Conv1D(3, 3))(x),
}
OPERATIONS = {
    "arithmetic": lambda x: ops.sqrt(ops.abs(x) + 1.0) * 2 - x,
    "mean over columns": lambda x: ops.mean(x, axis=2, keepdims=True),
    "max over channels": lambda x: ops.max(x, axis=-1),
    "softmax over rows": lambda x: ops.softmax(x, axis=1),
    "matmul": lambda x: ops.matmul(ops.transpose(x, (0, 3, 1, 2)), ops.ones((12, 5))),
    "einsum": lambda x: ops.einsum("bhwc,bhwd->bhcd", x, x),
    "tensordot": lambda x: ops.tensordot(x, ops.ones((4, 2)), axes=1),
    "dot": lambda x: ops.dot(x, ops.ones((4, 2))),
    "stack and split": lambda x: ops.stack(ops.split(x, 2, axis=1), axis=2),
    "uneven split": lambda x: ops.concatenate(ops.split(x, [3, 8], axis=2)[::-1], axis=2),
    "unstack": lambda x: ops.unstack(x, axis=1)[3],
    "getitem": lambda x: x[:, 3:-2:2, ::-1, 1],
    "getitem, new axis": lambda x: x[:, None, ..., 2:],
    "take": lambda x: ops.take(x, [3, 1, 1, 7], axis=1),
    "flip": lambda x: ops.flip(x, axis=2),
    "rot90": lambda x: ops.rot90(x, k=1, axes=(1, 2)),
    "rot270": lambda x: ops.rot90(x, k=3, axes=(1, 2)),
    "roll": lambda x: ops.roll(x, (2, -3), axis=(1, 2)),
    "tile": lambda x: ops.tile(x, (1, 2, 1, 1)),
    "repeat": lambda x: ops.repeat(x, 3, axis=1),
    "uneven repeat": lambda x: ops.repeat(x, [2, 1, 3, 1], axis=3),
    "pad": lambda x: ops.pad(x, ((0, 0), (2, 1), (0, 3), (0, 0))),
    "pad symmetrically": lambda x: ops.pad(x, ((0, 0), (2, 1), (0, 3), (0, 0)), mode="symmetric"),
    "swap and move": lambda x: ops.moveaxis(ops.swapaxes(x, 1, 2), 3, 1),
    "broadcast": lambda x: x[:, :, :1] + ops.zeros((1, 14, 6, 4)),
    "squeeze": lambda x: ops.squeeze(x[:, :, :, :1], axis=-1),
    "where": lambda x: ops.where(x > 0, x, -x),
    "cumsum": lambda x: ops.cumsum(x, axis=1)[:, -1],
    "diff": lambda x: ops.diff(x, n=2, axis=1),
    "depth to space": lambda x: ops.depth_to_space(x, 2),
    "space to depth": lambda x: ops.space_to_depth(x, 2),
    "convolution": lambda x: ops.conv(x, ops.ones((3, 2, 4, 5)), strides=2, padding="same"),
    "depthwise": lambda x: ops.depthwise_conv(x, ops.ones((3, 3, 4, 1)), padding="same"),
    "max pool": lambda x: ops.max_pool(x, 3, 2, padding="same"),
    "average pool": lambda x: ops.average_pool(x, 2),
    "resize": lambda x: ops.image.resize(x, (9, 29)),
    "pad images": lambda x: ops.image.pad_images(x, 2, 1, target_height=19, target_width=18),
    "crop images": lambda x: ops.image.crop_images(x, 2, 1, target_height=11, target_width=9),
    "patches": lambda x: ops.image.extract_patches(x, 4, strides=2, padding="same"),
    "blur": lambda x: ops.image.gaussian_blur(x, (5, 3), (1.0, 1.0)),
    "gated": lambda x: ops.glu(x),
}
SEQUENCES = {
    "convolution": lambda x: layers.Conv1D(3, 5, strides=2, padding="same")(x),
    "causal": lambda x: layers.Conv1D(3, 3, padding="causal", dilation_rate=2)(x),
    "causal, strided": lambda x: layers.Conv1D(3, 3, padding="causal", strides=2)(x),
    "depthwise": lambda x: layers.DepthwiseConv1D(3, padding="same")(x),
    "separable": lambda x: layers.SeparableConv1D(5, 4, strides=2, padding="same")(x),
    "transposed": lambda x: layers.Conv1DTranspose(3, 4, strides=2, padding="same")(x),
    "max": lambda x: layers.MaxPooling1D(3, strides=2, padding="same")(x),
    "average": lambda x: layers.AveragePooling1D(2)(x),
    "global": lambda x: layers.GlobalMaxPooling1D()(x),
    "adaptive": lambda x: layers.AdaptiveAveragePooling1D(7)(x),
    "up-sampling": lambda x: layers.UpSampling1D(3)(x),
    "padding and cropping": lambda x: layers.Cropping1D((1, 3))(layers.ZeroPadding1D((2, 0))(x)),
    "repeat vector": lambda x: layers.RepeatVector(3)(layers.GlobalAveragePooling1D()(x)),
    "lstm": lambda x: layers.LSTM(3)(x),
    "gru, state": lambda x: layers.GRU(3, return_state=True)(x)[1],
    "gru, from a state": lambda x: layers.GRU(4)(
        ops.zeros_like(x), initial_state=layers.Conv1D(4, 3)(x)[:, 6]
    ),
    "lstm, from two states": lambda x: layers.LSTM(4, return_sequences=True)(
        ops.zeros_like(x), initial_state=[x[:, 4], x[:, 9]]
    ),
    "bidirectional, from states": lambda x: layers.Bidirectional(layers.GRU(4))(
        ops.zeros_like(x), initial_state=[x[:, 8], x[:, 12]]
    ),
    "simple rnn": lambda x: layers.SimpleRNN(3)(layers.Conv1D(3, 3)(x)),
    "bidirectional": lambda x: layers.Bidirectional(layers.LSTM(3))(x),
    "attention": lambda x: layers.Attention()([x, x]),
    "additive attention": lambda x: layers.AdditiveAttention()([x, x]),
    "grouped queries": lambda x: layers.GroupQueryAttention(3, 4, 2)(x, x),
    "frames": lambda x: ops.extract_sequences(ops.swapaxes(x, 1, 2), 4, 3),
    "spectrum": lambda x: ops.rfft(ops.swapaxes(x, 1, 2))[0],
}
VOLUMES = {
    "convolution": lambda x: layers.Conv3D(3, 3, strides=(1, 2, 1), padding="same")(x),
    "transposed": lambda x: layers.Conv3DTranspose(2, 3, strides=2, padding="same")(x),
    "pooling": lambda x: layers.MaxPooling3D((1, 2, 3))(x),
    "average": lambda x: layers.AveragePooling3D(2, padding="same")(x),
    "global": lambda x: layers.GlobalAveragePooling3D()(x),
    "up-sampling": lambda x: layers.UpSampling3D((1, 2, 2))(x),
    "padding and cropping": lambda x: layers.Cropping3D((1, 0, 2))(layers.ZeroPadding3D(1)(x)),
    "time distributed": lambda x: layers.TimeDistributed(layers.Conv2D(3, 3, padding="same"))(x),
}


@pytest.mark.parametrize("name", [*CONVOLUTIONS, *POOLING, *RESHAPING, *OTHERS])
def test_layers_on_images_see_what_the_analysis_says(
    name: str, disagreement: Callable[..., list[str]]
) -> None:
    builds = {**CONVOLUTIONS, **POOLING, **RESHAPING, **OTHERS}
    model = named(IMAGE, (14, 12), builds, name)

    assert disagreement(model, IMAGE, 14, 12) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_see_what_the_analysis_says(
    name: str, disagreement: Callable[..., list[str]]
) -> None:
    model = named(IMAGE, (14, 12), OPERATIONS, name)

    assert disagreement(model, IMAGE, 14, 12) == []


@pytest.mark.parametrize("name", SEQUENCES)
def test_layers_on_sequences_see_what_the_analysis_says(
    name: str, disagreement: Callable[..., list[str]]
) -> None:
    model = named(SOUND, (17,), SEQUENCES, name)

    assert disagreement(model, SOUND, 17) == []


@pytest.mark.parametrize("name", VOLUMES)
def test_layers_on_volumes_see_what_the_analysis_says(
    name: str, disagreement: Callable[..., list[str]]
) -> None:
    model = named(VOLUME, (6, 8, 7), VOLUMES, name)

    assert disagreement(model, VOLUME, 6, 8, 7) == []


@pytest.mark.parametrize("sequences", [False, True])
def test_states_that_are_convolved_see_one_kernel_more_per_step(
    sequences: bool, disagreement: Callable[..., list[str]]
) -> None:
    shape = (1, 3, "H", "W", 2)

    def build(x: Any) -> Any:
        made = layers.ConvLSTM2D(2, 3, return_sequences=sequences)(x)
        return made[:, -1] if sequences else made

    model = network(shape, (14, 13), build)

    assert disagreement(model, shape, 14, 13) == []


def test_maps_that_states_begin_with_make_a_bound_that_says_so(
    trace_of: Callable[..., Graph],
) -> None:
    shape = (1, 3, "H", "W", 2)

    def build(x: Any) -> Any:
        first = x[:, 0]
        return layers.ConvLSTM2D(2, 3)(ops.zeros_like(x), initial_state=[first, first])

    graph = trace_of(network(shape, (14, 13), build), shape, 14, 13)

    *_, layer = analyse_graph(graph)
    assert layer.inexact == ("how far a first state of maps is convolved is not followed",)


class Raw(layers.Layer):  # type: ignore[misc]
    """A layer that calls TensorFlow itself, with a layer of Keras inside."""

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(shape=(3, 5, shape[-1], 4), name="kernel")
        self.shift = self.add_weight(shape=(4,), trainable=False, name="shift")
        self.inner = layers.Conv2D(2, 3, dilation_rate=2, padding="same", name="inner")
        self.inner.build((*shape[:-1], 4))

    def call(self, x: Any) -> Any:
        tf = pytest.importorskip("tensorflow")
        x = tf.nn.conv2d(x, self.kernel, (2, 1), "SAME") + self.shift
        return self.inner(tf.nn.elu(x))


def test_code_in_tensorflow_sees_what_the_analysis_says(
    disagreement: Callable[..., list[str]],
    trace_of: Callable[..., Graph],
) -> None:
    if keras.backend.backend() != "tensorflow":
        pytest.skip("needs the TensorFlow backend")
    model = network(IMAGE, (17, 16), lambda x: Raw(name="raw")(layers.Conv2D(3, 3)(x)))

    found = disagreement(model, IMAGE, 17, 16)

    graph = trace_of(model, IMAGE, 17, 16)
    assert found == []
    assert sum(node.parameters for node in graph) == graph.parameters
    assert [node.layer for node in graph if node.weighted][1:] == ["raw/conv", "raw/conv_2"]
