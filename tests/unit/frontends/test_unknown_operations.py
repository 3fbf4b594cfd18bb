"""Operations that cannot be exact say so, with the reason, and never pass for elementwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.torch


class Then(nn.Module):
    """A function between two convolutions."""

    def __init__(self, run: Callable[..., Any], channels: int = 4) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)
        self.last = nn.Conv2d(channels, 4, 3)
        self.run = run

    def forward(self, x: Any) -> Any:
        return self.last(self.run(self.first(x)))


@pytest.fixture
def blur() -> Iterator[Any]:
    """A custom operation that no table knows."""
    with torch.library._scoped_library("rfatest", "FRAGMENT") as library:
        library.define("blur(Tensor x) -> Tensor")
        library.impl("blur", lambda x: F.avg_pool2d(x, 3, 1, 1), "CompositeExplicitAutograd")
        library.impl("blur", torch.empty_like, "Meta")
        yield torch.ops.rfatest.blur


def test_an_unknown_operation_makes_what_follows_inexact(blur: Any, layers_of: Any) -> None:
    layers = {layer.name: layer for layer in layers_of(lambda: Then(blur), (3, 20, 20))}

    reason = ("the operation rfatest::blur is not understood",)
    assert layers["first"].inexact == ()
    assert layers["rfatest::blur"].inexact == layers["last"].inexact == reason
    assert layers["rfatest::blur"].causes_inexact
    assert not layers["last"].causes_inexact


def write_to(x: Any, places: Any) -> Any:
    x[:, :, places] = 1.0
    return x


DATA_DEPENDENT: dict[str, tuple[Callable[..., Any], str]] = {
    "grid_sample": (
        lambda x: F.grid_sample(x, x[:, :2].permute(0, 2, 3, 1), align_corners=False),
        "grid_sample reads positions that data decide",
    ),
    "top-k": (lambda x: x.topk(4, 1)[0], "top-k chooses positions by their values"),
    "sort": (lambda x: x.sort(2)[0], "sort orders positions by their values"),
    "computed indices": (
        lambda x: x[:, :, x[0, 0, 0].long()],
        "indices are computed, their values are not known before the model runs",
    ),
    "writing to computed places": (
        lambda x: write_to(x.clone(), x[0, 0, 0].long()),
        "values are written to computed places",
    ),
    "gather": (lambda x: x.gather(2, x.long()), "gather reads computed indices"),
    "unpooling": (
        lambda x: F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2),
        "max_unpool writes where an earlier maximum was found",
    ),
}


@pytest.mark.parametrize("name", DATA_DEPENDENT)
def test_operations_that_data_decide_say_so(name: str, layers_of: Any) -> None:
    run, reason = DATA_DEPENDENT[name]

    layers = {layer.name: layer for layer in layers_of(lambda: Then(run), (3, 20, 20))}

    assert layers["last"].inexact == (reason,)
    assert layers["last"].output.global_context


def test_an_overwritten_diagonal_is_not_understood(layers_of: Any) -> None:
    def run(x: Any) -> Any:
        x = x.clone()
        x.diagonal(dim1=2, dim2=3).add_(1)
        return x

    layers = {layer.name: layer for layer in layers_of(lambda: Then(run), (3, 20, 20))}

    assert layers["last"].inexact == (
        "the operation diagonal is not understood",
        "add writes into a view whose place is not known",
    )


def test_a_spectrum_is_global_and_exact(layers_of: Any) -> None:
    def run(x: Any) -> Any:
        spectrum = torch.fft.rfft2(x)
        return torch.fft.irfft2(spectrum * 2, s=x.shape[-2:])

    layers = {layer.name: layer for layer in layers_of(lambda: Then(run), (3, 20, 20))}

    assert layers["last"].inexact == ()
    assert layers["last"].output.max == (None, None)
