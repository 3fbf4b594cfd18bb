"""Models in files: their configuration is read, and nothing is run."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rfa_core.errors import TraceError
from rfa_core.frontends import open_file
from rfa_core.receptive.layers import Layer

pytestmark = pytest.mark.keras
keras = pytest.importorskip("keras")
layers = keras.layers


def network() -> Any:
    x = inputs = keras.Input((None, None, 3))
    for filters in (4, 8):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    model = keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    model.compile("adam", "mse")
    return model


@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.filterwarnings("ignore")
def test_a_saved_model_is_the_model_without_its_weights(
    suffix: str, tmp_path: Path, layers_of: Callable[..., dict[str, Layer]]
) -> None:
    model = network()
    file = tmp_path / f"model.{suffix}"
    model.save(file)

    opened: Any = open_file("keras", str(file))

    shape = (1, "H", "W", 3)
    assert layers_of(opened, shape, 32, 32) == layers_of(model, shape, 32, 32)
    assert all(variable._value is None for variable in opened.variables)


def archive(file: Path, config: object, **others: str) -> str:
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        for name, text in others.items():
            made.writestr(name, text)
    return str(file)


def sequential(*kinds: dict[str, object]) -> dict[str, object]:
    config = {"name": "net", "layers": list(kinds)}
    return {"module": "keras", "class_name": "Sequential", "config": config}


def layer(module: str, kind: str, **config: object) -> dict[str, object]:
    return {"module": module, "class_name": kind, "config": {"name": "odd", **config}}


CODE = {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}
BROKEN = {
    "a lambda": (
        sequential(layer("keras.layers", "Lambda", function=CODE)),
        "it holds a Lambda, whose code would have to be run (at net/odd)",
    ),
    "code elsewhere": (
        sequential(layer("keras.layers", "Activation", activation=CODE)),
        "it holds a Lambda, whose code would have to be run (at net/odd)",
    ),
    "a class of someone's": (
        sequential(layer("acme.layers", "Residual")),
        "it needs Residual of acme.layers, which is not Keras's own (at net/odd)",
    ),
    "a function that is no part of a model": (
        sequential(layer("keras.utils", "get_file")),
        "it needs get_file of keras.utils, which is not Keras's own (at net/odd)",
    ),
    "a built-in function": (
        sequential(
            layer(
                "keras.layers",
                "Activation",
                activation={"class_name": "function", "module": "builtins", "config": "exec"},
            )
        ),
        "it needs exec of builtins, which is not Keras's own (at net/odd)",
    ),
    "a class that Keras lacks": (sequential(layer("keras.layers", "Conv9D")), "cannot build"),
    "an option that a layer refuses": (
        sequential(
            layer("keras.layers", "InputLayer", batch_shape=[None, 8, 8, 3]),
            layer("keras.layers", "Conv2D", filters=4, kernel_size=[-3, 3]),
        ),
        "cannot build its model (at odd): TypeError: The `kernel_size` argument must be",
    ),
    "no JSON": ("{", "its configuration is no JSON"),
    "no model": ([1, 2], "holds a list, no model"),
    "deep nesting": ("[" * 100_000, "its configuration is no JSON"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_built_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    config, message = BROKEN[name]
    file = archive(tmp_path / "model.keras", config)

    with pytest.raises(TraceError) as raised:
        open_file("keras", file)

    assert raised.value.message.startswith(file)
    assert message in raised.value.message


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a\\..\\out"])
def test_paths_that_lead_out_of_an_archive_are_refused(name: str, tmp_path: Path) -> None:
    file = archive(tmp_path / "model.keras", sequential(), **{name: ""})

    with pytest.raises(TraceError, match="leads out of the archive"):
        open_file("keras", file)


@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.filterwarnings("ignore")
def test_a_truncated_file_is_named(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"model.{suffix}"
    network().save(file)
    file.write_bytes(file.read_bytes()[:2000])

    with pytest.raises(TraceError) as raised:
        open_file("keras", str(file))

    assert raised.value.message.startswith(str(file))
    assert "truncated" in raised.value.hint


@pytest.mark.filterwarnings("ignore")
def test_a_file_of_weights_is_no_model(tmp_path: Path) -> None:
    file = tmp_path / "model.weights.h5"
    network().save_weights(file)

    with pytest.raises(TraceError, match="holds weights, not the architecture"):
        open_file("keras", str(file))
