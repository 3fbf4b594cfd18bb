"""What a factory is called with."""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from rfa_core.discovery.arguments import arguments, certain
from rfa_core.errors import BuildError


class Weights(enum.Enum):
    """Like the weights of torchvision."""

    DEFAULT = 1


def plain(depth: int = 3, width: int = 1) -> None: ...


def needy(depth: int, width: int = 1, *, groups: int) -> None: ...


def pretrained_by_default(pretrained: bool = True, depth: int = 3) -> None: ...


def weights_by_default(
    weights: Weights | None = Weights.DEFAULT, encoder_weights: str = "x"
) -> None: ...


def harmless(
    init_weights: bool = True, loss_weights: tuple[int, ...] = (1,), pretrain_size: int = 224
) -> None: ...


def open_ended(**kwargs: object) -> None: ...


def required(pretrained: bool, weights: object) -> None: ...


@pytest.mark.parametrize(
    ("factory", "wanted", "values"),
    [
        (plain, {}, {}),
        (plain, {"depth": 4}, {"depth": 4}),
        (pretrained_by_default, {}, {"pretrained": False}),
        (pretrained_by_default, {"pretrained": True}, {"pretrained": False}),
        (weights_by_default, {}, {"weights": None, "encoder_weights": None}),
        (harmless, {}, {}),
        (open_ended, {}, {}),
        (open_ended, {"pretrained": True, "depth": 3}, {"pretrained": False, "depth": 3}),
        (required, {}, {"pretrained": False, "weights": None}),
        (functools.partial(needy, 3, groups=2), {}, {}),
        (functools.partial(pretrained_by_default, depth=2), {}, {"pretrained": False}),
    ],
)
def test_weights_are_switched_off_and_the_rest_is_passed_on(
    factory: Callable[..., Any], wanted: Mapping[str, object], values: Mapping[str, object]
) -> None:
    found = arguments(factory, wanted, "models:net")

    assert found.values == values


def test_what_was_switched_off_is_said() -> None:
    found = arguments(pretrained_by_default, {}, "models:net")

    assert found.notes == ("called with pretrained=False: weights are not needed",)


def test_an_unknown_argument_is_answered_with_the_nearest() -> None:
    with pytest.raises(BuildError) as caught:
        arguments(plain, {"dept": 4}, "models:net")

    assert str(caught.value) == "models:net takes no argument 'dept'\n  did you mean 'depth'?"


def test_missing_arguments_are_named() -> None:
    with pytest.raises(BuildError) as caught:
        arguments(needy, {}, "models:net")

    assert caught.value.message == "models:net needs arguments: depth, groups"
    assert 'target = "models:net", kwargs = { depth = …, groups = … }' in caught.value.hint


def test_only_arguments_that_ask_for_weights_have_a_certain_value() -> None:
    assert certain(["depth", "pretrained", "weights"]) == {"pretrained": False, "weights": None}
