"""Building Keras models without their weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from rfa_core.discovery.build import Built, build
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.failures import FailedBuildError
from rfa_core.discovery.load import load
from rfa_core.discovery.scan import scan
from rfa_core.discovery.zoo import zoo_targets

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.keras

Tree = Callable[[Mapping[str, str]], str]
HEAD = "import keras\nfrom keras import layers\n"


def make(tree: Tree, body: str, **kwargs: object) -> Built:
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    root = tree({"models.py": f"{HEAD}\ndef net(**kwargs):\n{indented}"})
    target = Target("models.py::net")
    return build(load(target, root), target, kwargs, root)


SMALL = "keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.Dense(2)])"


def test_no_weight_is_initialised(tree: Tree) -> None:
    built = make(tree, f"return {SMALL}")

    model: Any = built.model
    assert built.framework == "keras"
    assert [variable._value for variable in model.variables] == [None] * 4


def test_compiling_and_loading_weights_do_nothing(tree: Tree) -> None:
    body = (
        f"net = {SMALL}\n"
        "net.compile('adam', 'mse')\n"
        "net.load_weights(keras.utils.get_file('w.h5', 'https://acme.example/w.h5'))\n"
        "return net"
    )

    built = make(tree, body)

    model: Any = built.model
    assert (built.notes, model.compiled) == ((), False)


def test_pretrained_backbones_are_built_without_a_download(tree: Tree) -> None:
    body = "return keras.applications.MobileNet(include_top=False, weights='imagenet')"

    model: Any = make(tree, body).model

    assert model.count_params() == 3_228_864


def test_a_download_is_refused(tree: Tree) -> None:
    body = "import urllib.request\nurllib.request.urlopen('https://acme.example')"

    with pytest.raises(FailedBuildError, match="is refused while a model is built"):
        make(tree, body)


def test_layers_know_the_lines_that_made_them(tree: Tree) -> None:
    body = (
        "x = inputs = keras.Input((8, 8, 3))\n"
        "for _ in range(2):\n"
        "    x = layers.Conv2D(4, 3)(x)\n"
        "x = x * 2\n"
        "return keras.Model(inputs, x)"
    )

    built = make(tree, body)

    model: Any = built.model
    lines = {
        one.name: [line.line for line in built.constructed[id(one)]] for one in model.operations[1:]
    }
    assert lines == {"conv2d": [7], "conv2d_1": [7], "multiply": [8]}


def test_names_do_not_depend_on_what_was_built_before(tree: Tree) -> None:
    body = "return keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3)])"

    names = [[layer.name for layer in model.layers] for model in (make(tree, body).model,) * 2]  # type: ignore[attr-defined]
    again: Any = make(tree, body).model

    assert names == [["conv2d"]] * 2
    assert [layer.name for layer in again.layers] == ["conv2d"]


def test_a_constructor_that_needs_its_weights_gets_them(tree: Tree) -> None:
    body = f"net = {SMALL}\nassert keras.Variable([1.0]).numpy().sum() == 1\nreturn net"

    built = make(tree, body)

    assert [note.partition(":")[0] for note in built.notes] == [
        "built with weights, since without them it fails"
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("net = 1", "models.py::net returns None, not a model"),
        ("return keras.Model", "models.py::net returns the class Model, not an instance"),
        (f"return {SMALL}, 3", "models.py::net returns a tuple of (Sequential, int), not a model"),
        ("return 3", "models.py::net returns a int, not a model"),
    ],
)
def test_what_is_no_model_is_refused(tree: Tree, body: str, message: str) -> None:
    with pytest.raises(FailedBuildError) as raised:
        make(tree, body)

    assert raised.value.message == message


def test_the_settings_of_keras_are_left_as_found(tree: Tree) -> None:
    body = f"keras.config.set_floatx('float16')\nnet = {SMALL}\nreturn net"

    make(tree, body)

    assert keras.config.floatx() == "float32"


def test_the_zoo_is_that_of_keras_applications() -> None:
    names = [target.name for target in zoo_targets("keras:ResNet50*")]

    assert names == ["keras:ResNet50", "keras:ResNet50V2"]


@pytest.mark.parametrize(
    ("name", "shape"),
    [("MobileNet", (None, None, None, 3)), ("VGG16", (None, 224, 224, 3))],
)
def test_models_of_the_zoo_take_any_size_that_their_layers_take(
    name: str, shape: tuple[int | None, ...], tmp_path: Path
) -> None:
    target = Target(f"keras:{name}", framework="keras", kind="zoo")

    model: Any = build(load(target, str(tmp_path)), target, {}, str(tmp_path)).model

    assert model.input_shape == shape


SHAPED = """\
import keras


def net(input_shape):
    image = keras.Input(input_shape)
    return keras.Model(image, {layer}(image))
"""


@pytest.mark.parametrize(
    ("layer", "configured", "shape"),
    [
        ("keras.layers.Conv2D(8, 3)", {}, (None, None, None, 3)),
        ("keras.layers.Reshape((input_shape[0] * 32, 3))", {}, (None, 32, 32, 3)),
        ("keras.layers.Conv2D(8, 3)", {"input_shape": [64, 64, 3]}, (None, 64, 64, 3)),
    ],
    ids=["open", "refused", "configured"],
)
def test_sizes_that_discovery_chose_are_left_open_where_the_factory_takes_that(
    tree: Tree, layer: str, configured: Mapping[str, object], shape: tuple[int | None, ...]
) -> None:
    root = tree({"models.py": SHAPED.format(layer=layer)})
    found = {"input_shape": (32, 32, 3)}
    target = Target("models.py::net", str(Path(root, "models.py")), 4, "keras", arguments=found)

    model: Any = build(load(target, root), target, configured, root).model

    assert model.input_shape == shape


def test_sizes_that_a_mark_states_are_kept(tree: Tree) -> None:
    mark = '@rfa_core.model(kwargs={"input_shape": (64, 64, 3)})\ndef net'
    source = SHAPED.format(layer="keras.layers.Conv2D(8, 3)").replace("def net", mark)
    root = tree({"models.py": f"import rfa_core\n{source}"})

    (found,) = scan(["."], root, ()).targets
    model: Any = build(load(found, root), found, {}, root).model

    assert model.input_shape == (None, 64, 64, 3)
