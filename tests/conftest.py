"""What the functional tests share: a small project, and an engine that judges by name."""

from __future__ import annotations

import gc
import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from rfa_core.api import Outcome, Session
from rfa_core.discovery.candidates import Target
from rfa_core.findings import Finding, ModelReport, ResolutionReport, Severity, Waste
from rfa_core.libraries.quiet import load_triton, silence_tensorflow
from rfa_core.receptive.resolution import Resolution

sys.path.insert(0, str(Path(__file__).parent / "shared"))

from projects import written

pytest_plugins = ["pytester"]
pytest.register_assert_rewrite("golden")

os.environ.setdefault("OMP_NUM_THREADS", "1")
"""Tests run in as many processes as there are cores: more threads would wait for each other."""

gc.set_threshold(50_000, 20, 20)  # a framework's modules are many objects, and no rubbish

for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_SERVER_URL", "RFA_OUTPUT_FORMAT"):
    os.environ.pop(name, None)  # the same output wherever the tests run

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # What a shell starts in the background ignores Ctrl-C, and so does all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):  # likewise what nohup starts
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

if importlib.util.find_spec("tensorflow"):
    silence_tensorflow()
    load_triton()

collect_ignore = ["cases"]
"""Projects that are checked, one of them with tests of its own."""

ROOT = Path(__file__).parent.parent

FRAMEWORKS = {
    "torch": "PyTorch",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "onnx": "ONNX",
    "jax": "JAX",
}
"""Modules, which are markers, too, to what they are called."""

MODELS = """\
from torch import nn


class Net(nn.Module):
    def __init__(self, depth: int) -> None:
        super().__init__()
        layers = [nn.Conv2d(3 if n == 0 else 8, 8, 3, padding=1) for n in range(depth)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


def shallow() -> Net:
    return Net(2)


def deep() -> Net:
    return Net(60)
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a framework where there is none."""
    for module, title in FRAMEWORKS.items():
        if importlib.util.find_spec(module) is None:
            for item in items:
                if item.get_closest_marker(module):
                    item.add_marker(pytest.mark.skip(reason=f"needs {title}"))


@pytest.fixture
def checkout() -> Path:
    """The root folder of this project."""
    return ROOT


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Inner runs that look the same everywhere: no plugin that is slow to import or shuffles."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest -p no:randomly")
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)
    return pytester


@pytest.fixture
def write(pytester: pytest.Pytester) -> Callable[[str, str], Path]:
    """Write a file of the project, with the folders it needs."""

    def write(path: str, text: str) -> Path:
        return written(pytester.path, {path: text}) / path

    return write


@pytest.fixture
def project(pytester: pytest.Pytester, write: Callable[[str, str], Path]) -> pytest.Pytester:
    """A project with two models, ``shallow`` and ``deep``, and one test elsewhere."""
    pytester.makepyprojecttoml(
        """\
        [tool.pytest.ini_options]
        testpaths = ["tests"]

        [tool.rfa]
        factories = ["acme.models:shallow", "acme.models:deep"]
        """
    )
    write("src/acme/__init__.py", "raise RuntimeError('not while collecting')\n")
    write("src/acme/models.py", MODELS)
    write("tests/test_other.py", "def test_other():\n    pass\n")
    return pytester


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Judge by name, with no framework: ``deep`` has an error, ``shallow`` a warning.

    The list holds what was checked, as pairs of model and resolution.
    """
    calls: list[tuple[str, str]] = []

    def check(_: Session, target: Target, resolutions: Sequence[Resolution] = ()) -> Outcome:
        (resolution,) = resolutions
        calls.append((target.name, str(resolution)))
        return outcome(target, resolution)

    monkeypatch.setattr(Session, "check", check)
    return calls


def outcome(target: Target, resolution: Resolution) -> Outcome:
    """A made-up outcome of one finding."""
    sizes = resolution.for_axes(2)
    deep = "deep" in target.name
    finding = Finding(
        code="RFA101" if deep else "RFA102",
        name="unproductive-layer" if deep else "full-kernel",
        severity=Severity.ERROR if deep else Severity.WARNING,
        model=target.name,
        message=f"made up for {target.name} at {resolution} px",
        resolution=sizes,
        file="src/acme/models.py",
        line=7,
        column=1,
    )
    judged_at = ResolutionReport(sizes, sizes, (), 0, Waste(0.25 if deep else 0.0, 0.0))
    model = ModelReport(target.name, "torch", "analysed", resolutions=(judged_at,))
    return Outcome(model, (finding,))
