"""``rfa`` on Keras models, as a user would run it: no noise, the right lines, one framework."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import projects
import pytest

pytestmark = pytest.mark.keras

MODELS = """\
import keras
from keras import layers


def block(x, filters, stride):
    return layers.Conv2D(filters, 3, strides=stride, padding="same", activation="relu")(x)


def deep_net(weights="imagenet"):
    x = inputs = keras.Input((None, None, 3))
    for filters in (8, 16, 16):
        x = block(x, filters, stride=2)
    x = block(x, 16, stride=1)
    x = block(x, 16, stride=1)
    model = keras.Model(inputs, layers.GlobalAveragePooling2D()(x))
    model.compile("adam", "mse")
    return model


class SmallNet(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(4, 3)

    def call(self, x):
        return keras.ops.max(self.conv(x), axis=(1, 2))
"""
TENSORFLOW = """\
import tensorflow as tf


class Net(tf.Module):
    def __init__(self):
        self.kernel = tf.Variable(tf.zeros((3, 3, 3, 8)))

    @tf.function
    def __call__(self, x):
        return tf.nn.conv2d(x, self.kernel, 1, "SAME")


def made():
    parts = {"net": Net}
    return parts["net"]()
"""
IMPORTED = """\
import sys
from rfa_core.cli import main

code = main({arguments!r})
print("imported:", [name for name in ("torch", "tensorflow", "keras") if name in sys.modules])
"""


def rfa(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    unset = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    return projects.rfa(folder, *arguments, env=unset)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return projects.written(tmp_path, {"pyproject.toml": "[tool.rfa]\n", "models.py": MODELS})


def test_a_model_of_the_zoo_is_judged_without_noise(tmp_path: Path) -> None:
    result = rfa(tmp_path, "check", "keras:MobileNet", "--res", "64", "--output-format", "json")

    report = json.loads(result.stdout)
    (model,) = report["models"]
    counts = model["resolutions"][0]["counts"]
    assert (result.returncode, result.stderr) == (1, "")
    assert (model["framework"], model["range"]["max_resolution"]) == ("keras", [315, 315])
    assert (counts["unproductive"], counts["critical"], counts["productive"]) == (13, 1, 13)


def test_a_project_is_discovered_and_findings_stand_on_its_lines(project: Path) -> None:
    result = rfa(project, "check", "--res", "24", "--output-format", "json")

    report: Any = json.loads(result.stdout)
    assert (result.returncode, result.stderr) == (1, "")
    assert [(model["name"], model["status"]) for model in report["models"]] == [
        ("models.py::deep_net", "analysed"),
        ("models.py::SmallNet", "analysed"),
    ]
    errors = [
        (one["code"], one["file"], one["line"], one["layers"])
        for one in report["findings"]
        if one["severity"] == "error"
    ]
    assert errors == [("RFA101", "models.py", 14, ["conv2d_4"])]


def test_a_saved_model_is_checked_and_a_broken_one_refused(project: Path) -> None:
    save = "import models; models.SmallNet; models.deep_net(None).save('net.keras')"
    assert projects.python(project, "-c", save).returncode == 0
    (project / "broken.keras").write_bytes((project / "net.keras").read_bytes()[:500])

    results = [rfa(project, "check", name, "--res", "24") for name in ("net.keras", "broken.keras")]

    assert [result.returncode for result in results] == [1, 2]
    assert "conv2d_4 is past the border at 24 px" in results[0].stdout
    assert "broken.keras is no .keras archive" in results[1].stdout.replace("\n  ", " ")


@pytest.mark.parametrize("factory", ["Net", "made"])
def test_a_module_that_imports_tensorflow_itself_is_read_without_noise(
    factory: str, tmp_path: Path
) -> None:
    (tmp_path / "nets.py").write_text(TENSORFLOW)

    result = rfa(tmp_path, "show", f"nets.py::{factory}", "--res", "32")

    assert (result.returncode, result.stderr) == (0, "")
    assert "nets.py:10" in result.stdout


def test_verifying_is_refused_with_the_reason(tmp_path: Path) -> None:
    result = rfa(tmp_path, "verify", "keras:MobileNet")

    assert result.returncode == 2
    assert "a keras model cannot be run with NaN in its input" in result.stdout + result.stderr


@pytest.mark.torch
@pytest.mark.parametrize(
    ("target", "imported"),
    [("torchvision:squeezenet1_1", ["torch"]), ("keras:MobileNet", ["tensorflow", "keras"])],
)
def test_a_process_imports_the_framework_of_its_model_alone(
    target: str, imported: list[str], tmp_path: Path
) -> None:
    code = IMPORTED.format(arguments=["check", target, "--res", "224"])

    result = projects.python(tmp_path, "-c", code)

    assert result.stdout.splitlines()[-1] == f"imported: {imported}"


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_backend_says_the_same(backend: str, project: Path, monkeypatch: Any) -> None:
    pytest.importorskip(backend)
    arguments = ("check", "models.py::deep_net", "--res", "24", "--output-format", "json")
    expected = json.loads(rfa(project, *arguments).stdout)

    monkeypatch.setenv("KERAS_BACKEND", backend)
    result = rfa(project, *arguments)

    assert json.loads(result.stdout) == expected
