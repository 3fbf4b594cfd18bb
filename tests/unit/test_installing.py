"""What a job installs before it can build the models of a project."""

import pytest

from rfa_core.cli.installing import installed
from rfa_core.discovery.candidates import Target

TORCH = Target("acme:net", framework="torch")
KERAS = Target("acme:net", framework="keras")
BUILD = "[build-system]\nrequires = ['setuptools']\n"
CASES = {
    "a framework": ({}, [TORCH], [], "torch"),
    "what files import besides": (
        {},
        [TORCH],
        ["torchvision", "timm", "os"],
        "torch torchvision timm",
    ),
    "two frameworks": ({}, [KERAS, TORCH], ["keras"], "torch tensorflow"),
    "a zoo": ({}, [Target("timm:resnet18", framework="torch", kind="zoo")], [], "torch timm"),
    "graphs by hand": ({}, [Target("acme:net", framework="custom")], ["numpy"], ""),
    "nothing found but imports": ({}, [], ["jax", "flax", "os"], "jax flax"),
    "a project": ({"pyproject.toml": BUILD}, [TORCH], [], ". torch"),
    "a project that names it": (
        {"pyproject.toml": f"{BUILD}[project]\ndependencies = ['torch>=2', 'torchvision']\n"},
        [TORCH],
        ["torchvision"],
        ".",
    ),
    "settings of tools alone": ({"pyproject.toml": "[tool.black]\n"}, [TORCH], [], "torch"),
    "an old project": ({"setup.py": "setup(install_requires=['timm'])"}, [TORCH], [], ". torch"),
    "requirements": ({"requirements.txt": "Torch\n"}, [TORCH], [], "-r requirements.txt"),
    "another build": (
        {"requirements.txt": "tensorflow-cpu==2.16\n"},
        [KERAS],
        [],
        "-r requirements.txt",
    ),
    "a longer name": (
        {"requirements.txt": "torch-geometric\n"},
        [TORCH],
        [],
        "-r requirements.txt torch",
    ),
}


@pytest.mark.parametrize(("files", "targets", "imported", "expected"), CASES.values(), ids=CASES)
def test_the_frameworks_that_are_used_are_installed(tmp_path, files, targets, imported, expected):
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    found = installed(tmp_path, targets, imported)

    assert found == expected
