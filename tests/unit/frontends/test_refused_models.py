"""Models that cannot be read, or not to the end: each is told clearly, and left as it was found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plain_model import FOUND, ONE, Plain, built, judged, scripted, snapshot
from projects import module_in, written

import rfa_core as rfa
from rfa_core.frontends.base import ForwardError

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")
nn = torch.nn

pytestmark = pytest.mark.torch


class Refusing(Plain):
    """Takes batches of 8."""

    def forward(self, x: Any) -> Any:
        assert x.shape[0] == 8, "batches of 8, please"
        return super().forward(x)


class Raising(Plain):
    def forward(self, x: Any) -> Any:
        raise NotImplementedError("to be written\nby someone")


class Scaling(Plain):
    def forward(self, x: Any, scale: int) -> Any:
        return super().forward(x) * scale


class Keyed(Plain):
    def forward(self, batch: dict[str, torch.Tensor]) -> Any:
        return super().forward(batch["image"]) * batch["mask"]


class OnGPU(Plain):
    def forward(self, x: Any) -> Any:
        return super().forward(x.to("cuda"))


class ThroughNumPy(Plain):
    def forward(self, x: Any) -> Any:
        return super().forward(torch.from_numpy(np.asarray(x.cpu()) * 2))


class Deaf(nn.Module):
    def forward(self) -> Any:
        return torch.zeros(3)


class Mismatched(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.rest[1] = nn.Conv2d(5, 2, 3)


SHAPE = "if the input is of another shape, give it as `input-shape` in its entry of `factories`"
ARGUMENTS = (
    "give a shape for each tensor that forward takes as `input-shape`, as [[1, 3, 'H', 'W'], "
    "[1]]; whatever else it needs a module can pass on whose forward takes tensors alone"
)
GPU = (
    "the model is read without a GPU: let its forward take the device of its input, as in "
    "`torch.zeros(3, device=x.device)`"
)
CHANNELS = "RuntimeError: Given groups=1, weight of size [2, 5, 3, 3], expected input[1, 4, 23, 60]"
TOLD: dict[str, tuple[Callable[[], Any], str, str]] = {
    "another batch": (
        Refusing,
        "[1, 3, 48, 64] fails in the model's own forward: AssertionError: batches of 8, please",
        SHAPE,
    ),
    "on purpose": (
        Raising,
        "[1, 3, 48, 64] fails in the model's own forward: NotImplementedError: to be written",
        SHAPE,
    ),
    "other arguments": (
        Scaling,
        "[1, 3, 48, 64] fails in the model's own forward: TypeError: Scaling.forward() missing 1 "
        "required positional argument: 'scale'",
        ARGUMENTS,
    ),
    "no arguments": (
        Deaf,
        "[1, 3, 48, 64] fails in the model's own forward: TypeError: Deaf.forward() takes 1 "
        "positional argument but 2 were given",
        ARGUMENTS,
    ),
    "more keys than shapes": (
        Keyed,
        "[1, 3, 48, 64] in a dictionary fails in the model's own forward: KeyError: \"the keys "
        "'image', 'mask' are asked for: give a shape for each\"",
        SHAPE,
    ),
    "a GPU by name": (
        OnGPU,
        "[1, 3, 48, 64] fails in the model's own forward: ",
        GPU,
    ),
    "NumPy": (
        ThroughNumPy,
        "[1, 3, 48, 64] fails in the model's own forward: TypeError: values that depend on the "
        "input are converted to NumPy, where they cannot be followed",
        SHAPE,
    ),
    "wrong channels": (Mismatched, f"[1, 3, 48, 64] fails in rest.1: {CHANNELS} to have 5", SHAPE),
    "wrong channels in TorchScript": (
        lambda: scripted(Mismatched),
        f"[1, 3, 48, 64] fails in the model's own forward: {CHANNELS} to have 5",
        SHAPE,
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_model_that_cannot_be_read_is_told_clearly_and_left_as_it_was(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    build, message, hint = TOLD[name]
    model = built(build)
    before = snapshot(model)

    with pytest.raises(ForwardError) as raised:
        rfa.analyse(model, "48x64", name="net")

    assert raised.value.message.startswith(f"net: the forward pass on {message}")
    assert raised.value.hint == hint
    assert snapshot(model) == before


def test_a_model_that_refuses_a_batch_of_one_is_read_with_the_batch_it_wants() -> None:
    found = judged(rfa.analyse(Refusing(), "48x64", input_shape=(8, 3, "H", "W")))

    assert found == FOUND


def test_what_ran_before_values_leave_pytorch_is_kept_and_the_rest_is_told() -> None:
    class Late(Plain):
        def forward(self, x: Any) -> Any:
            x = self.first(x)
            return self.rest(torch.from_numpy(x.cpu().numpy()))

    analysis = rfa.analyse(Late(), "48x64")

    assert judged(analysis) == ONE
    assert len(analysis.model.notes) == 2
    assert "recording stopped before the end" in analysis.model.notes[1]
    assert "converted to NumPy" in analysis.model.notes[1]


def test_a_model_that_ignores_its_input_is_told() -> None:
    class Ignoring(Plain):
        def forward(self, _x: Any) -> Any:
            return super().forward(torch.zeros(1, 3, 48, 64, device=self.first.weight.device))

    analysis = rfa.analyse(Ignoring(), "48x64")

    assert analysis.layers == ()
    assert analysis.model.notes[1:] == ("nothing that the model computes depends on its input",)


PROJECT = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)
        self.second = nn.Conv2d(5, 4, 3)

    def forward(self, x):
        x = self.first(x)
        return self.after(x)

    def after(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(x)


class Choosing(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        x = self.first(x)
        if x.sum() > 0:
            return x
        return -x
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module above, in a project of its own."""
    monkeypatch.chdir(tmp_path)
    return module_in(written(tmp_path, {"nets.py": PROJECT}) / "nets.py")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda build: build(), "second (at nets.py:16)"),
        (scripted, "the model's own forward (at nets.py:16)"),
    ],
)
def test_a_failure_names_the_innermost_line_of_the_project(
    change: Callable[[Any], Any], place: str, project: Any
) -> None:
    model = built(lambda: change(project.Net))

    with pytest.raises(ForwardError) as raised:
        rfa.analyse(model, 48, name="net")

    assert f"[1, 3, 48, 48] fails in {place}: RuntimeError: Given groups=1" in raised.value.message


def test_a_value_that_is_read_is_told_with_its_line(project: Any) -> None:
    analysis = rfa.analyse(project.Choosing(), 48)

    assert analysis.model.notes[1:] == (
        "the forward pass reads values of its input in the model's own forward (at nets.py:26): on "
        "other images it may go another way",
    )
