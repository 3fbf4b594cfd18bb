"""Modules and operators that plugins describe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import rfa_core as rfa
from rfa_core.errors import ConfigurationError, TraceError, UsageError
from rfa_core.frontends import frontend_of, tables
from rfa_core.testing import verify

torch = pytest.importorskip("torch")
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

pytestmark = pytest.mark.torch


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test registers is forgotten after it."""
    assert frontend_of(nn.ReLU()).name == "torch"
    for sort in ("layer", "operation"):
        known = tables.table("torch", sort)
        monkeypatch.setattr(known, "_entries", dict(known._entries))
    yield
    for sort in ("layer", "operation"):
        tables.table("torch", sort).changes += 1


class Involution(nn.Module):
    """What nobody can see through: its forward leaves PyTorch, or raises."""

    def __init__(self, kernel: int, stride: int = 1, opaque: bool = True) -> None:
        super().__init__()
        self.kernel, self.stride, self.opaque = kernel, stride, opaque
        self.weight = nn.Parameter(torch.ones(8, 8, kernel, kernel))

    def forward(self, x: Tensor) -> Tensor:
        if self.opaque:
            raise RuntimeError("needs a GPU")
        padded = F.pad(x, [self.kernel // 2] * 4)
        return sum(
            padded[:, :, y : y + x.shape[2], z : z + x.shape[3]]
            for y in range(self.kernel)
            for z in range(self.kernel)
        )[:, :, :: self.stride, :: self.stride]


class Net(nn.Module):
    def __init__(self, middle: nn.Module) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.middle = middle
        self.last = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.middle(self.first(x)))


def involution(module: Any) -> rfa.Window:
    return rfa.Window(module.kernel, module.stride, padding=module.kernel // 2)


def rows(model: nn.Module) -> dict[str, tuple[Any, ...]]:
    found = rfa.analyse(model, 32)
    return {
        one.layer.name: (
            one.layer.type,
            one.layer.kernel,
            one.layer.output.min,
            one.layer.effective_stride,
            one.layer.feature_map,
            one.layer.parameters,
            one.layer.macs,
            one.layer.exact,
            str(one.verdict),
        )
        for one in found.layers
    }


@pytest.mark.parametrize("name", [Involution, "Involution", f"{__name__}.Involution"])
@pytest.mark.parametrize("opaque", [True, False])
def test_a_module_is_taken_as_the_window_that_it_is_said_to_be(name: Any, opaque: bool) -> None:
    rfa.layer_type("torch", name)(involution)

    found = rows(Net(Involution(7, 2, opaque)))

    as_conv = rows(Net(nn.Conv2d(8, 8, 7, 2, 3, bias=False)))
    assert found.pop("middle") == ("Involution", *as_conv.pop("middle")[1:])
    assert found == as_conv
    assert found["last"][2] == (13, 13)


def test_the_layers_of_a_subclass_are_described_too() -> None:
    class Own(Involution):
        pass

    rfa.layer_type("torch", Involution)(involution)

    assert rows(Net(Own(5)))["middle"][:3] == ("Own", (5, 5), (7, 7))


def test_a_model_is_left_as_it_was_found() -> None:
    rfa.layer_type("torch", Involution)(involution)
    model = Net(Involution(7, opaque=False))
    before = [dict(module.__dict__) for module in model.modules()]

    rows(model)

    assert [dict(module.__dict__) for module in model.modules()] == before
    assert "forward" not in model.middle.__dict__


def test_what_is_said_of_a_module_is_held_to_its_forward_pass() -> None:
    rfa.layer_type("torch", Involution)(involution)
    honest = verify(Net(Involution(5, opaque=False)))

    tables.table("torch", "layer")._entries.clear()
    rfa.layer_type("torch", Involution)(lambda _module: rfa.Window(3))
    wrong = verify(Net(Involution(5, opaque=False)))

    assert honest.agrees
    assert not wrong.agrees
    assert "middle" in {one.name for one in wrong.differences}


@pytest.mark.parametrize(
    ("said", "size", "exact"),
    [
        (rfa.Pointwise(), (3, 3), True),
        (rfa.Everything(), (None, None), True),
        (rfa.Sampled("offsets are computed", rfa.Window(5)), (7, 7), False),
        (rfa.Sampled("places are computed"), (3, 3), False),
    ],
)
def test_a_module_may_be_other_things_than_a_window(said: Any, size: Any, exact: bool) -> None:
    rfa.layer_type("torch", Involution)(lambda _module: said)

    found = rows(Net(Involution(5)))["middle"]

    assert (found[2], found[7]) == (size, exact)


def test_channels_may_come_last() -> None:
    class Last(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return self.inner(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

        def __init__(self) -> None:
            super().__init__()
            self.inner = Involution(5)

    rfa.layer_type("torch", Involution)(lambda m: rfa.Window(m.kernel, channels_last=True))

    assert rows(Net(Last()))["middle.inner"][1:5] == ((5, 5), (7, 7), (1, 1), (32, 32))


LIES = {
    "of other sizes": (
        lambda _module: rfa.Window(5, stride=4),
        "a kernel of 5 with stride 4, dilation 1 does not make 32 positions of 32",
    ),
    "of another number of axes": (
        lambda _module: rfa.Window((5, 5, 5)),
        "kernel has 3 numbers, and there are 2 axes",
    ),
    "of nothing": (lambda _module: None, "has to return a Window, Pointwise, Everything or"),
    "that fails": (lambda module: module.size, "raises AttributeError: 'Involution' object has no"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_description_that_cannot_be_is_refused(lie: str) -> None:
    describe, said = LIES[lie]
    rfa.layer_type("torch", Involution)(describe)

    with pytest.raises(TraceError) as error:
        rows(Net(Involution(5, opaque=False)))

    assert said in error.value.message
    assert "fails in middle" in error.value.message


@torch.library.custom_op("rfatests::smear", mutates_args=())
def smear(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    return F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)


class Smeared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(8, 8, 5, 5))

    def forward(self, x: Tensor) -> Tensor:
        return smear(x, self.weight, 2)


def test_an_operator_is_the_window_that_it_is_said_to_be() -> None:
    before = rows(Net(Smeared()))

    @rfa.operation("torch", "rfatests::smear")
    def described(_x: Tensor, weight: Tensor, stride: int) -> rfa.Window:
        return rfa.Window(weight.shape[-2:], stride, padding=2)

    found = rows(Net(Smeared()))

    as_conv = rows(Net(nn.Conv2d(8, 8, 5, 2, 2, bias=False)))
    assert not before["last"][7]
    assert found["middle.smear"][1:] == as_conv["middle"][1:]
    assert found["last"][2] == (11, 11)


def test_two_descriptions_of_one_thing_are_refused() -> None:
    rfa.operation("torch", "rfatests::other")(involution)
    rfa.operation("torch", "rfatests::other")(involution)

    with pytest.raises(ConfigurationError, match="two translations of the torch operation"):
        rfa.operation("torch", "rfatests::other")(lambda _x: rfa.Pointwise())
    with pytest.raises(ConfigurationError, match="two translations of the torch operation conv"):
        rfa.operation("torch", "convolution")(involution)


def test_a_framework_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no framework 'pytorch'"):
        rfa.layer_type("pytorch", "Involution")
    with pytest.raises(UsageError, match="a layer of torch needs a name"):
        rfa.layer_type("torch")
