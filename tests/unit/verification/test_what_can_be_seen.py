"""What an oracle of NaN could get wrong: operations that swallow it, and borders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from rfa_core.testing import Outcome, verify  # noqa: E402

F = nn.functional

pytestmark = pytest.mark.torch


class Do(nn.Module):
    """A function between two convolutions of size 1."""

    def __init__(self, run: Callable[[Any], Any]) -> None:
        super().__init__()
        self.before, self.run, self.after = nn.Conv2d(2, 2, 1), run, nn.Conv2d(2, 2, 1)

    def forward(self, x: Any) -> Any:
        return self.after(self.run(self.before(x)))


class Steps(nn.Module):
    """A recurrent layer over the columns of every row."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.after = nn.GRU(2, 2, batch_first=True), nn.Conv2d(2, 2, 3)

    def forward(self, x: Any) -> Any:
        rows = x.permute(0, 2, 3, 1)
        found, _ = self.layer(rows.flatten(0, 1))
        return self.after(found.reshape(rows.shape).permute(0, 3, 1, 2))


def shifted(x: Any) -> Any:
    """A shift by one in a tensor of zeros; the third channel and what follows stay, if any."""
    out = torch.zeros_like(x)
    out[:, :1, :-1] = x[:, :1, 1:]
    out[:, 1:2] = x[:, 1:2]
    out[:, 2:] = x[:, 2:]
    return out


def written(x: Any) -> Any:
    """Positions added to the next ones in place, beside channels that are global."""
    y = torch.cat([x, x.mean((2, 3), keepdim=True).expand_as(x)], 1)
    y[..., 1:] += y[..., :-1].clone()
    return y[:, :2] + y[:, 2:]


def folded(x: Any, padding: int) -> Any:
    patches = F.unfold(x, (2, 3), padding=(0, padding), stride=(1, 2))
    return F.fold(patches, x.shape[2:], (2, 3), padding=(0, padding), stride=(1, 2))


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(lambda x: F.lp_pool2d(x, 2.0, 3), id="the sign of NaN is 0"),
        pytest.param(
            lambda x: x.masked_fill(torch.arange(x.shape[-1]) < 3, 0.0), id="a constant mask"
        ),
        pytest.param(
            lambda x: torch.where(torch.arange(x.shape[-1]) < 3, x, x.flip(-1)), id="a choice"
        ),
        pytest.param(lambda x: F.pad(x, (2, 1, 1, 2), "circular"), id="memory not yet written"),
        pytest.param(
            lambda x: F.conv_transpose2d(x, torch.ones(2, 2, 3, 1), stride=(1, 2)),
            id="holes along the other axis",
        ),
        pytest.param(
            lambda x: F.conv_transpose2d(x, torch.ones(2, 2, 1, 3), stride=(2, 1), dilation=(2, 1)),
            id="taps that all meet one phase",
        ),
        pytest.param(written, id="a view of what is global in part"),
        pytest.param(lambda x: folded(x, 0), id="a remainder that no window covers"),
        pytest.param(lambda x: folded(x, 1), id="zeros around the other axis"),
        pytest.param(
            lambda x: F.conv2d(
                torch.stack(x.unbind(3)[::-1], 3), torch.ones(2, 2, 1, 3), padding=3
            ),
            id="zeros around positions that were stacked",
        ),
        pytest.param(
            lambda x: (
                torch.cat([x, x.mean((2, 3), keepdim=True).expand_as(x)], 1).amax((2, 3)).sum() + x
            ),
            id="the maximum of what is global already",
        ),
    ],
)
def test_the_oracle_sees_what_the_analysis_claims(run: Callable[[Any], Any]) -> None:
    found = verify(Do(run), (20, 14))

    assert found.agrees, found
    assert not found.missed


class BothWays(nn.Module):
    """A recurrent layer in both directions along chunks of four columns, one direction kept."""

    def __init__(self, kept: int) -> None:
        super().__init__()
        self.kept = kept
        self.steps = nn.GRU(2, 3, batch_first=True, bidirectional=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, channels, height, width = x.shape
        chunks = x.permute(0, 2, 3, 1).reshape(-1, 4, channels)
        seen = self.steps(chunks)[0][..., 3 * self.kept : 3 * self.kept + 3]
        return seen.reshape(n, height, width, 3).permute(0, 3, 1, 2) + 0


@pytest.mark.parametrize("kept", [0, 1])
def test_each_direction_of_a_recurrent_layer_has_seen_one_side(kept: int) -> None:
    found = verify(BothWays(kept), (6, 16), input_shape=(1, 2, "H", "W"), every=True)

    assert found.agrees, found
    assert found.layers[-1].outcomes == (Outcome.AGREES, Outcome.AGREES)


@pytest.mark.parametrize("model", [Steps(), Do(shifted)])
def test_every_layer_is_reached(model: nn.Module) -> None:
    found = verify(model, (16, 12), input_shape=(1, 2, "H", "W"))

    assert found.agrees, found
    assert {layer.name: layer.outcomes for layer in found.layers if not layer.compared} == {}
