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


def test_an_overwritten_diagonal_is_not_understood(layers_of: Any) -> None:
    def run(x: Any) -> Any:
        x = x.clone()
        x.diagonal(dim1=2, dim2=3).add_(1)
        return x

    layers = {layer.name: layer for layer in layers_of(lambda: Then(run), (3, 20, 20))}

    assert layers["last"].inexact == ("add writes into a view whose place is not known",)
