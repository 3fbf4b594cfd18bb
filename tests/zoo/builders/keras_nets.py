"""The blueprints as functional Keras models, with SAME padding."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from blueprints import BLUEPRINTS, Tensor
from keras import layers


def build(name: str) -> keras.Model:
    """A model for images of any size."""
    image = keras.Input((None, None, 3))
    return keras.Model(image, BLUEPRINTS[name](Net(), image))


class Net:
    def conv(
        self,
        name: str,
        x: Tensor,
        filters: int,
        kernel: int,
        stride: int = 1,
        dilation: int = 1,
        depthwise: bool = False,
    ) -> Tensor:
        shared = {
            "strides": stride,
            "padding": "same",
            "dilation_rate": dilation,
            "use_bias": False,
            "name": name,
        }
        if depthwise:
            x = layers.DepthwiseConv2D(kernel, **shared)(x)
        else:
            x = layers.Conv2D(filters, kernel, **shared)(x)
        return layers.BatchNormalization(name=f"{name}norm")(x)

    def up(self, name: str, x: Tensor, filters: int) -> Tensor:
        return layers.Conv2DTranspose(filters, 2, 2, name=name)(x)

    def pool(self, x: Tensor, kernel: int, stride: int) -> Tensor:
        return layers.MaxPooling2D(kernel, stride, padding="same")(x)

    def relu(self, x: Tensor) -> Tensor:
        return layers.ReLU()(x)

    def add(self, x: Tensor, y: Tensor) -> Tensor:
        return layers.Add()([x, y])

    def concat(self, parts: Sequence[Tensor]) -> Tensor:
        return layers.Concatenate()(list(parts))

    def mean(self, x: Tensor) -> Tensor:
        return layers.GlobalAveragePooling2D()(x)

    def dense(self, name: str, x: Tensor, units: int) -> Tensor:
        return layers.Dense(units, name=name)(x)
