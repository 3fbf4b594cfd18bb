"""Keras models in the three ways of writing them, and one out of the library."""

from __future__ import annotations

import keras
from keras import layers


def functional(classes: int = 10) -> keras.Model:
    inputs = keras.Input((64, 64, 3))
    x = _block(inputs, strides=4)
    x = _block(x)
    x = layers.Conv2D(8, 3, padding="same")(x)  # expect: RFA101 functional
    x = layers.BatchNormalization()(x)
    x = _block(x)  # expect: RFA101 functional
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes)(x))


def _block(x: keras.KerasTensor, strides: int = 1) -> keras.KerasTensor:
    x = layers.Conv2D(8, 7, strides=strides, padding="same")(x)
    return layers.Conv2D(8, 7, padding="same")(x)


def sequential() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((None, None, 3)),
            layers.Conv2D(8, 8, strides=8),
            layers.Conv2D(8, 9, padding="same"),
            layers.ReLU(),
            layers.Conv2D(8, 3, padding="same"),  # expect: RFA101 sequential
        ]
    )


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.stem = layers.Conv2D(8, 8, strides=8)
        self.first = layers.Conv2D(8, 9, padding="same")
        self.second = layers.Conv2D(8, 3, padding="same")  # expect: RFA101 Subclassed

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return self.second(self.first(self.stem(x)))


def of_the_library() -> keras.Model:
    base = keras.applications.VGG16(include_top=False)  # expect: RFA101 of_the_library
    return keras.Sequential([base, layers.GlobalAveragePooling2D(), layers.Dense(10)])
