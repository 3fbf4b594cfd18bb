"""Forward passes that raise: what is said, what is kept, and where they would run."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from rfa_core.examination import Examination, examine, first_running
from rfa_core.findings import Unsupported
from rfa_core.frontends import frontend_of
from rfa_core.frontends.base import ForwardError
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import Resolution

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.torch


class Fixed(nn.Module):
    """Takes images of 48 pixels, as a vision transformer does."""

    def __init__(self) -> None:
        super().__init__()
        self.image_size = 48
        self.patches = nn.Conv2d(3, 4, 16, 16)
        self.token = nn.Parameter(torch.zeros(1, 1, 4))
        self.places = nn.Parameter(torch.zeros(1, 10, 4))

    def forward(self, x: Any) -> Any:
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        return torch.cat([self.token, tokens], 1) + self.places


class UNet(nn.Module):
    """Needs multiples of 16."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(3 if n == 0 else 4, 4, 3, 2, 1) for n in range(4))
        self.up = nn.ModuleList(nn.ConvTranspose2d(4, 4, 2, 2) for _ in range(4))

    def forward(self, x: Any) -> Any:
        maps = []
        for layer in self.down:
            maps.append(x)
            x = layer(x)
        for layer in self.up:
            x = layer(x)
            x = x + maps.pop().mean(1, keepdim=True)
        return x


class Detector(nn.Module):
    """Keeps what is above ``least``: how much that is, values decide."""

    def __init__(self, least: float = -1e9) -> None:
        super().__init__()
        self.least = least
        self.backbone = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 1, 1))
        self.after = nn.Linear(2, 2)

    def forward(self, x: Any) -> Any:
        found = (self.backbone(x)[0, 0] > self.least).nonzero()
        return self.after(found.float())


def unsupported(model: Any, size: int) -> Unsupported | None:
    frontend = frontend_of(model)
    spec = frontend.guess_inputs(model)[0]
    examination = Examination(frontend, model, spec, "model", {}, "/", Policy())
    return examine(examination, [Resolution((size,))]).resolutions[0].unsupported


def test_an_image_that_is_too_small_is_told_with_the_layer_and_the_nearest_size() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.MaxPool2d(2), nn.Conv2d(4, 4, 5))

    found = unsupported(model, 16)

    assert found is not None
    assert (found.layer, found.works_at, found.fixed) == ("2", (21, 21), False)
    assert "Kernel size can't be greater than actual input size" in found.reason


def test_a_model_for_one_size_says_so_and_names_no_layer() -> None:
    found = unsupported(Fixed(), 64)

    assert found is not None
    assert (found.layer, found.works_at, found.fixed) == ("", (48, 48), True)


def test_a_u_net_runs_at_the_nearest_multiple() -> None:
    found = unsupported(UNet(), 100)

    assert found is not None
    assert (found.layer, found.works_at, found.fixed) == ("", (96, 96), False)


def test_wrong_channels_are_told_with_a_hint_at_the_shape(trace_of: Any) -> None:
    with pytest.raises(ForwardError) as raised:
        trace_of(lambda: nn.Sequential(nn.Conv2d(1, 4, 3)), (3, 20, 20))

    assert raised.value.layer == "0"
    assert "fails in 0: RuntimeError: Given groups=1" in raised.value.message
    assert "expected input[1, 3, 20, 20] to have 1 channels" in raised.value.message
    assert raised.value.hint is not None
    assert "input-shape" in raised.value.hint


def test_an_error_in_the_model_itself_is_told_as_such(trace_of: Any) -> None:
    class Raising(nn.Module):
        def forward(self, _x: Any) -> Any:
            raise ValueError("not today\nnor tomorrow")

    with pytest.raises(ForwardError) as raised:
        trace_of(Raising, (3, 20, 20))

    assert (raised.value.layer, raised.value.reason) == ("", "ValueError: not today")
    assert "fails in the model's own forward" in raised.value.message
    assert "nor tomorrow" in raised.value.details


def test_a_model_that_reads_values_runs_on_the_cpu(layers_of: Any) -> None:
    class Branching(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 5)

        def forward(self, x: Any) -> Any:
            x = self.first(x)
            return self.second(x) if x.sum().item() != -1 else x

    layers = {layer.name: layer for layer in layers_of(Branching, (3, 20, 20))}

    assert layers["second"].output.max == (7, 7)
    assert layers["second"].exact


def test_what_values_decide_is_followed_on_the_cpu(trace_of: Any) -> None:
    graph = trace_of(Detector, (3, 20, 20))

    assert graph.stopped == ""
    assert [node.layer for node in graph][-1] == "after"


def test_layers_that_got_nothing_in_the_run_on_the_cpu_are_told(trace_of: Any) -> None:
    graph = trace_of(lambda: Detector(least=1e9), (3, 20, 20))

    assert graph.stopped == "after: data choose what it gets, and chose nothing in this run"


def test_what_comes_late_is_not_worth_a_run_on_the_cpu(
    trace_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module("rfa_core.frontends.torch.trace")
    monkeypatch.setattr(module, "MOST_MACS_ON_CPU", 0)

    graph = trace_of(Detector, (3, 20, 20))

    assert graph.stopped == (
        "the model's own forward: data decide what nonzero returns; not reached: after"
    )


def test_a_failed_pass_leaves_nothing_behind_for_the_one_on_the_cpu(trace_of: Any) -> None:
    class Anchors(nn.Module):
        """Moves what it keeps to the device of its input, as torchvision's anchors do."""

        def __init__(self) -> None:
            super().__init__()
            self.first, self.after = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)
            self.kept = [torch.ones(3)]

        def forward(self, x: Any) -> Any:
            self.kept = [one.to(x.device) for one in self.kept]
            x = self.first(x)
            return self.after(x.new_tensor([[float(x.sum().item())] * 4]))

    model = Anchors()

    graph = trace_of(lambda: model, (3, 20, 20))

    assert graph.stopped == ""
    assert model.kept[0].device.type == "cpu"


def test_a_model_too_large_for_the_cpu_keeps_what_was_recorded(
    trace_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module("rfa_core.frontends.torch.trace")
    monkeypatch.setattr(module, "LARGEST_ON_CPU", 0)

    graph = trace_of(Detector, (3, 20, 20))

    assert [node.layer for node in graph if node.weighted] == ["backbone.0", "backbone.2"]
    assert graph.stopped.startswith("the model's own forward: ")


def test_a_real_error_is_not_mistaken_for_missing_values(trace_of: Any) -> None:
    class Late(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 30)

        def forward(self, x: Any) -> Any:
            x = self.first(x)
            if x.sum().item() == -1:
                return x
            return self.second(x)

    with pytest.raises(ForwardError) as raised:
        trace_of(Late, (3, 20, 20))

    assert raised.value.layer == "second"


class Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(8))
        self.weight = nn.Parameter(torch.zeros(8, 5, 3, 3))

    def forward(self, x: Any) -> Any:
        return torch.nn.functional.conv2d(x, self.weight, self.bias)


@pytest.mark.parametrize(
    ("model", "guesses"),
    [
        (
            Functional(),
            [(1, 5, 9, 9), (1, 3, 9, 9), (1, 1, 9, 9), (1, 4, 5, 9, 9), (1, 5, 4, 9, 9)],
        ),
        (nn.Linear(9, 3), [(1, 3, 9, 9), (1, 1, 9, 9), (1, 9, 9)]),
        (
            nn.Conv2d(48, 8, 1),
            [(1, 48, 9, 9), (1, 3, 9, 9), (1, 1, 9, 9), (1, 4, 48, 9, 9), (1, 48, 4, 9, 9)],
        ),
    ],
)
def test_what_a_model_may_be_fed_is_guessed_from_weights_then_assumed(
    model: Any, guesses: list[tuple[int, ...]]
) -> None:
    found = frontend_of(model).guess_inputs(model)

    assert [spec.at((9, 9))[0] for spec in found if spec.form == "arguments"] == guesses


def test_the_first_guess_that_runs_is_taken() -> None:
    model = nn.Sequential(nn.PixelUnshuffle(4), nn.Conv2d(48, 8, 1))
    frontend = frontend_of(model)
    guesses = [
        Examination(frontend, model, spec, "model", {}, "/", Policy())
        for spec in frontend.guess_inputs(model)
    ]

    chosen = first_running(guesses, [Resolution((32,))])

    assert chosen.spec.at((32, 32)) == ((1, 3, 32, 32),)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lambda: nn.Conv1d(2, 4, 3), (1, 2, 30)),
        (lambda: nn.Conv2d(1, 4, 3), (1, 1, 30, 30)),
        (lambda: nn.Conv3d(3, 4, 3), (1, 3, 30, 30, 30)),
        (lambda: nn.LazyConv2d(4, 3), (1, 3, 30, 30)),
    ],
)
def test_the_first_convolution_tells_the_input(layer: Any, shape: tuple[int, ...]) -> None:
    model = nn.Sequential(nn.Identity(), layer())

    spec = frontend_of(model).guess_inputs(model)[0]

    assert spec.at([30] * spec.count) == (shape,)
    assert spec.origin == "guessed from 1"


def test_the_error_of_an_operation_keeps_none_of_its_operands() -> None:
    failures = importlib.import_module("rfa_core.frontends.torch.failures")
    operands = (torch.zeros(1, 3, device="meta"), torch.zeros(4, 5, device="meta"))

    mm = torch.ops.aten.mm.default
    error = failures.explained(mm, operands, {}, RuntimeError("unclear"), live=False)

    assert str(error) == "mat1 and mat2 shapes cannot be multiplied (1x3 and 4x5)"
    assert error.__traceback__ is None
