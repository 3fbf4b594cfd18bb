"""The oracle on real models: what it confirms, what it finds, what it cannot compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from rfa_core.agreement import Verification  # noqa: E402
from rfa_core.errors import ResolutionError, TraceError  # noqa: E402
from rfa_core.receptive import affine, tabular  # noqa: E402
from rfa_core.testing import verify  # noqa: E402

pytestmark = pytest.mark.torch
Between = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def stack() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 4, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.ConvTranspose2d(4, 4, 4, stride=2, padding=1),
        nn.Conv2d(4, 2, (3, 5), dilation=(2, 1), padding=(2, 2)),
    )


def outcomes(found: Verification) -> dict[str, str]:
    return {layer.name: ", ".join(map(str, layer.outcomes)) for layer in found.layers}


def test_a_model_that_agrees_says_so_and_on_what() -> None:
    found = verify(stack())

    assert found.agrees
    assert str(found) == (
        "Sequential: 4 layers (3 judged) as the NaN oracle finds them, on [1, 3, 32, 32]"
    )


def test_a_wrong_transfer_rule_is_found_with_the_element_that_shows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = affine.window_reach

    def too_narrow(operation: Any, place: int, stride: int) -> tuple[int, int, int]:
        first, last, step = right(operation, place, stride)
        return first, last - stride if operation.dilation[place] > 1 else last, step

    monkeypatch.setattr(affine, "window_reach", too_narrow)

    found = verify(nn.Sequential(nn.Conv1d(1, 1, 3), nn.Conv1d(1, 1, 3, dilation=2)))

    assert not found.agrees
    assert [layer.name for layer in found.differences] == ["1"]
    assert str(found.differences[0].differences[0]) == (
        "axis 0, conv_2[0, 0, 25]: the analysis says pixels 25 to 30, "
        "but NaN in pixels 31 to 31 reaches it"
    )


def test_a_footprint_that_is_claimed_too_wide_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = tabular._ONE[tabular.op.Window]

    def too_wide(operation: Any, *rest: Any) -> Any:
        return right(replace(operation, kernel=tuple(k + 1 for k in operation.kernel)), *rest)

    monkeypatch.setitem(tabular._ONE, tabular.op.Window, too_wide)

    found = verify(nn.Sequential(nn.ConvTranspose1d(1, 1, 2, stride=2)))

    assert [layer.name for layer in found.differences] == ["0"]


def test_the_model_is_left_as_it_was() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(), nn.Conv2d(2, 1, 3))
    model.train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)

    verify(model)

    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(module.training for module in model.modules())


def test_a_model_without_weights_is_run_with_small_random_ones() -> None:
    with torch.device("meta"):
        model = stack()

    found = verify(model)

    assert found.agrees
    assert all(parameter.is_meta for parameter in model.parameters())


class Pooled(nn.Module):
    """A gate, attention over all positions and a head: global, around a local path."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, stride=4)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.last = nn.Conv2d(8, 8, 3, padding=1)
        self.head = nn.Linear(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        x = x * x.mean((2, 3), keepdim=True).sigmoid()
        tokens = x.flatten(2).transpose(1, 2)
        tokens = tokens + self.attention(tokens, tokens, tokens)[0]
        x = self.last(tokens.transpose(1, 2).unflatten(2, x.shape[2:]))
        result: torch.Tensor = self.head(x.mean((2, 3)))
        return result


def test_global_operations_leave_the_local_path_to_compare() -> None:
    found = verify(Pooled())

    told = outcomes(found)
    assert found.agrees and not found.missed
    assert told["stem"] == told["last"] == "agrees, agrees"
    assert told["head"] == told["mean"] == "global, global"


class Two(nn.Module):
    """Two convolutions and a function between: of what the first returns, and of the image."""

    def __init__(self, between: Between, channels: int = 2, padding: int = 0) -> None:
        super().__init__()
        self.before = nn.Conv2d(3, channels, 3, padding=padding)
        self.between = between
        self.after = nn.Conv2d(channels, 2, 3, padding=padding)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.after(self.between(self.before(x), x))
        return result


def sampled(x: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    grid = x.permute(0, 2, 3, 1).tanh()
    return nn.functional.grid_sample(x, grid, align_corners=False)


def shuffled(x: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    x = x[:, torch.randperm(4)] * torch.rand(4, 1, 1)
    return nn.functional.dropout(x, training=True)


BOUND = "only a bound is claimed"
OWN = "makes NaN without any in the input"
DEAF = "NaN does not get through to it"
UNREACHED = "not reached in the same way with NaN in the input"
OTHERWISE = "another footprint is claimed without values"
CASES: dict[str, tuple[nn.Module, str]] = {
    "data decide where it reads": (Two(sampled, padding=1), BOUND),
    "it makes NaN": (Two(lambda x, _: (x - x).log() * 0 / (x - x)), OWN),
    "it compares: what is left of NaN is a plain 0": (Two(lambda x, _: (x > 0).float()), DEAF),
    "it rounds to whole numbers, which have no NaN": (
        Two(lambda x, _: (x * 255).to(torch.uint8) / 255),
        DEAF,
    ),
    "it takes another way when it meets NaN": (
        Two(lambda x, _: x.roll(1, 2).flip(3) if bool(x.isnan().any()) else x),
        UNREACHED,
    ),
    "it is not the same twice, but for the random state": (Two(shuffled, channels=4), "agrees"),
    "it does something else where there are no values": (
        Two(lambda x, image: image if image.is_meta else x, channels=3),
        OTHERWISE,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_compared_says_why(case: str) -> None:
    model, expected = CASES[case]

    found = verify(model)

    told = outcomes(found)
    assert found.agrees
    assert told["before"] == "agrees, agrees"
    assert told["after"] == f"{expected}, {expected}"


def test_an_input_that_is_too_small_is_said_to_be() -> None:
    found = verify(nn.Sequential(nn.Conv1d(1, 1, 3), nn.Conv1d(1, 1, 31, padding=15)), 16)

    assert str(found) == (
        "Sequential: 1 layer (1 judged) as the NaN oracle finds them, on [1, 1, 16]\n"
        "  1 not compared: clipped everywhere: the input is too small"
    )


def test_every_element_can_be_checked() -> None:
    found = verify(stack(), "16x24", every=True)

    assert found.agrees
    assert found.inputs == ("[1, 3, 16, 24]", "[1, 3, 16, 24]")


class OneImage(nn.Module):
    """Takes no batch of several, and one size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape != (1, 1, 40, 40):
            raise ValueError("one image of 40x40, please")
        result: torch.Tensor = self.conv(x)
        return result


def test_one_image_of_one_size_is_enough() -> None:
    found = verify(OneImage(), 40)

    assert found.agrees


def test_a_model_that_cannot_run_says_so() -> None:
    with pytest.raises(TraceError, match="one image of 40x40, please"):
        verify(OneImage(), 39, input_shape=(1, 1, 7, "W"))


def test_a_resolution_of_other_axes_is_refused() -> None:
    with pytest.raises(ResolutionError, match="3 numbers"):
        verify(stack(), "8x8x8")
