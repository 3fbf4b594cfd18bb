"""The plugin on a Keras project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.keras
pytest.importorskip("keras")


def test_keras_models_are_items_that_pass_and_fail(
    pytester: pytest.Pytester, write: Callable[[str, str], Path]
) -> None:
    pytester.makepyprojecttoml("[tool.rfa]\n")
    write(
        "models.py",
        """\
import keras
from keras import layers


def net(depth):
    convolutions = [layers.Conv2D(8, 3, padding="same") for _ in range(depth)]
    return keras.Sequential([keras.Input((None, None, 3)), *convolutions])


def shallow_net():
    return net(2)


def deep_net():
    return net(9)
""",
    )

    result = pytester.runpytest_subprocess("--rfa-res=16", "--rfa-only")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*conv2d_8*17*19*", "*models.py::rfa-deep_net@16*"])
