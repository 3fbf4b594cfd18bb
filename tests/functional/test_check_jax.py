"""A project with JAX models, on the command line and under pytest."""

from __future__ import annotations

from pathlib import Path

import pytest

from rfa_core.cli import main

pytest.importorskip("jax")
pytest.importorskip("flax")

pytestmark = pytest.mark.jax

MODELS = """\
import flax.linen as nn
import jax
import jax.numpy as jnp
from flax import nnx


class Block(nn.Module):
    features: int

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Conv(self.features, (3, 3), strides=2)(x)
        return nn.relu(nn.BatchNorm(use_running_average=not train)(x))


class Net(nn.Module):
    depth: int = 6

    @nn.compact
    def __call__(self, x, train: bool):
        for _ in range(self.depth):
            x = Block(8)(x, train)
        return nn.Dense(10)(x.mean((1, 2)))


class Deep(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.stem = nnx.Conv(3, 8, (7, 7), strides=4, rngs=rngs)
        self.body = nnx.Conv(8, 8, (3, 3), strides=8, rngs=rngs)
        self.last = nnx.Conv(8, 8, (3, 3), rngs=rngs)

    def __call__(self, x):
        return self.last(self.body(self.stem(x)))


def reads_numbers():
    rate = float(jnp.linspace(0.0, 0.5, 3)[1])
    assert rate == 0.25
    return Deep(rngs=nnx.Rngs(0))


def convolution():
    kernel = jnp.ones((3, 3, 3, 3))
    numbers = ("NHWC", "HWIO", "NHWC")

    def forward(x):
        return jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=numbers)

    return forward


def number():
    return jnp.ones(3)


def fails():
    return Wrong()


class Wrong(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Conv(4, (3, 3))(x) @ jnp.ones((7, 7))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jax")
    (folder / "pyproject.toml").write_text("[tool.rfa]\nresolutions = [32]\n")
    (folder / "zoo_of_jax.py").write_text(MODELS)
    return folder


@pytest.fixture
def project(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(home)
    monkeypatch.setenv("COLUMNS", "100")
    return home


@pytest.mark.usefixtures("project")
def test_models_are_found_without_importing_anything(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["list", "-v"])

    out = capsys.readouterr().out
    assert code == 0
    assert "3 models found" in out
    assert [line.split()[0] for line in out.splitlines() if line.startswith("  zoo_of_jax")] == [
        "zoo_of_jax.py::Net",
        "zoo_of_jax.py::reads_numbers",
        "zoo_of_jax.py::fails",
        "zoo_of_jax.py::Block",
        "zoo_of_jax.py::Deep",
        "zoo_of_jax.py::Wrong",
    ]
    assert "zoo_of_jax.py::Block  zoo_of_jax.py:7: building block: used inside Net" in out


@pytest.mark.usefixtures("project")
def test_dead_layers_are_found_on_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["check", "zoo_of_jax:Net", "zoo_of_jax:Deep", "--output-format", "concise"])

    out = capsys.readouterr().out
    assert code == 1
    assert "zoo_of_jax.py:16:1: RFA101 zoo_of_jax:Net: Block_5.Conv_0 is past the border" in out
    assert "zoo_of_jax.py:30:9: RFA102 zoo_of_jax:Deep: last is a dense layer in disguise" in out


@pytest.mark.usefixtures("project")
def test_functions_and_constructors_that_need_numbers_are_built(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["check", "zoo_of_jax:convolution", "zoo_of_jax:reads_numbers", "--exit-zero"])

    out = " ".join(capsys.readouterr().out.split())
    assert code == 0
    assert "● zoo_of_jax:convolution 32 1 2 to 3 px" in out
    assert "▲ zoo_of_jax:reads_numbers 32 1 2 16 to 79 px" in out
    assert "built with weights, since abstract values were refused" in out


@pytest.mark.usefixtures("project")
def test_what_is_no_model_or_does_not_run_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["check", "zoo_of_jax:number", "zoo_of_jax:fails"])

    out = " ".join(capsys.readouterr().out.split())
    assert code == 2
    assert "zoo_of_jax:number returns a ArrayImpl, not a model" in out
    assert "the forward pass on [1, 32, 32, 3] fails in the model's own forward (at" in out
    assert "Traceback" not in out


def test_items_of_pytest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(items_of_jax=MODELS)

    result = pytester.runpytest("--rfa-res=32", "--rfa-target=items_of_jax:Net", "--rfa-only")

    result.stdout.fnmatch_lines(["*Block_5.Conv_0*"])
    result.assert_outcomes(failed=1)
