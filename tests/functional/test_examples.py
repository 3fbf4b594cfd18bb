"""Every example, run as its reader would run it (linear_probes in test_linear_probes.py)."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from projects import python, rfa

CHECKS = "src/tiny_images/models.py::rfa-resnet18_{}_stem@64"


def test_every_example_is_run_here(checkout: Path) -> None:
    examples = sorted(path.name for path in (checkout / "examples").iterdir() if path.is_dir())

    ours = ["custom_graph", "linear_probes", "tiny_images"]
    assert examples == sorted([*ours, "pytorch_cifar"])  # with the tutorial


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["check"], 0, "networks:branched  64  5  12 to 39 px"),
        (["check", "deep.rfa.json"], 1, "RFA101 unproductive-layer  deep.rfa.json:8:3"),
        (["check", "networks:branched", "--res", "11"], 1, "networks.py:13:5"),
        (["range", "deep.rfa.json"], 0, "68 px"),
    ],
)
def test_the_custom_graphs_are_checked(
    checkout: Path, arguments: list[str], code: int, said: str
) -> None:
    result = rfa(checkout / "examples/custom_graph", *arguments)

    assert (result.returncode, result.stderr) == (code, "")
    assert said in result.stdout


@pytest.mark.torch
@pytest.mark.parametrize(
    ("folder", "options"),
    [(".", ["--rfa-res=64", "examples/tiny_images"]), ("examples/tiny_images", ["--rfa"])],
)
def test_tiny_images_has_one_model_that_fails_and_one_that_passes(
    checkout: Path, folder: str, options: list[str]
) -> None:
    result = _pytest(checkout / folder, *options, "-v", "-p", "no:cacheprovider")

    assert result.returncode == 1
    assert re.search(re.escape(CHECKS.format("imagenet")) + " FAILED", result.stdout)
    assert re.search(re.escape(CHECKS.format("small")) + " PASSED", result.stdout)
    assert "1 failed, 3 passed" in result.stdout
    assert "RFA101" in result.stdout


@pytest.mark.torch
def test_the_repaired_model_of_tiny_images_passes_at_32_pixels_too(checkout: Path) -> None:
    options = ["--rfa-res=32", "--rfa-only", "-p", "no:cacheprovider"]

    result = _pytest(checkout / "examples/tiny_images", *options)

    assert result.returncode == 1
    assert "1 failed, 1 passed" in result.stdout
    assert re.search(r"small_stem +32 .* 0\.0%  1 info$", result.stdout, re.MULTILINE)


def _pytest(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return python(folder, "-m", "pytest", *options)
