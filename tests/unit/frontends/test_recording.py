"""What the recorder writes down: names, types, kernels, calls, parameters, costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.torch


class Functional(nn.Module):
    """A convolution module, and functional calls around it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            4, 6, (3, 5), stride=(1, 2), padding=(1, 2), dilation=(2, 1), groups=2
        )
        self.weight = nn.Parameter(torch.zeros(6, 6, 3, 3))

    def forward(self, x: Any) -> Any:
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = F.conv2d(x, self.weight, padding=1)
        return F.max_pool2d(F.relu(x), 2, 1) + 1


class Outer(nn.Module):
    """A module of modules, one of them called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(Functional(), nn.ReLU())
        self.again = nn.Conv2d(6, 6, 3, padding=1)

    def forward(self, x: Any) -> Any:
        x = self.again(self.again(self.block(x)))
        return torch.relu(x).flatten(1)


def test_layers_are_named_after_modules_and_functional_calls_after_their_function(
    layers_of: Any,
) -> None:
    layers = layers_of(Outer, (4, 32, 32))

    assert [layer.name for layer in layers] == [
        "block.0.conv",
        "block.0.relu",
        "block.0.max_pool2d",
        "block.0.conv2d",
        "block.0.relu_2",
        "block.0.max_pool2d_2",
        "block.0.add",
        "block.1",
        "again",
        "relu",
        "view",
    ]


def test_layers_have_the_class_or_the_function_as_their_type(layers_of: Any) -> None:
    layers = {layer.name: layer.type for layer in layers_of(Outer, (4, 32, 32))}

    assert layers["block.0.conv"] == "Conv2d"
    assert layers["block.1"] == "ReLU"
    assert layers["block.0.max_pool2d"] == "max_pool2d"


def test_a_window_keeps_its_kernel_stride_dilation_and_groups(trace_of: Any) -> None:
    graph = trace_of(Outer, (4, 32, 32))

    window = next(node.operation for node in graph if node.layer == "block.0.conv")

    assert (window.kernel, window.stride, window.padding) == ((3, 5), (1, 2), (1, 2))
    assert (window.dilation, window.groups, window.transposed) == ((2, 1), 2, False)


def test_a_module_called_twice_is_one_layer_with_two_calls(layers_of: Any) -> None:
    layers = {layer.name: layer for layer in layers_of(Outer, (4, 32, 32))}

    assert layers["again"].calls == 2
    assert layers["block.0.conv"].calls == 1
    assert layers["again"].parameters == 6 * 6 * 9 + 6


def test_parameters_that_modules_share_are_counted_once(layers_of: Any) -> None:
    def build() -> Any:
        first, second = nn.Conv2d(3, 3, 3), nn.Conv2d(3, 3, 3)
        second.weight = first.weight
        return nn.Sequential(first, second, first)

    layers = {layer.name: layer for layer in layers_of(build, (3, 20, 20))}

    assert layers["0"].parameters == 81 + 3
    assert layers["1"].parameters == 3


def test_parameters_computed_from_others_belong_to_the_layer_that_uses_them(
    layers_of: Any,
) -> None:
    def build() -> Any:
        return nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3)))

    layers = layers_of(build, (3, 20, 20))

    assert [(layer.name, layer.parameters) for layer in layers] == [("0", 4 * 27 + 4 + 4)]


def test_a_subclass_of_a_layer_is_that_layer(layers_of: Any) -> None:
    class Standardised(nn.Conv2d):
        def forward(self, x: Any) -> Any:
            weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
            return F.conv2d(x, weight, self.bias, self.stride, self.padding)

    layers = layers_of(lambda: nn.Sequential(Standardised(3, 4, 3)), (3, 20, 20))

    assert [(layer.name, layer.type, layer.judgeable) for layer in layers] == [
        ("0", "Standardised", "weights")
    ]


def test_kernels_that_depend_on_the_image_are_global_context(layers_of: Any) -> None:
    class Dynamic(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.kernels = nn.Linear(3, 3 * 4 * 9)

        def forward(self, x: Any) -> Any:
            kernel = self.kernels(x.mean((2, 3))).view(4, 3, 3, 3)
            return F.conv2d(x, kernel)

    layers = {layer.name: layer for layer in layers_of(Dynamic, (3, 20, 20))}

    assert layers["conv2d"].output.max == (3, 3)
    assert layers["conv2d"].output.global_context


def test_a_recurrent_layer_is_one_layer_and_global_along_time(layers_of: Any) -> None:
    class Tagger(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv1d(2, 4, 3)
            self.lstm = nn.LSTM(4, 5, num_layers=2, batch_first=True, bidirectional=True)
            self.head = nn.Linear(10, 3)

        def forward(self, x: Any) -> Any:
            return self.head(self.lstm(self.conv(x).transpose(1, 2))[0])

    layers = {layer.name: layer for layer in layers_of(Tagger, (2, 30))}

    assert layers["lstm"].output.max == (None,)
    assert layers["head"].output.global_context
    assert layers["lstm"].parameters == sum(p.numel() for p in Tagger().lstm.parameters())
    assert "lstm_2" not in layers


def test_a_call_that_fails_and_is_caught_does_not_move_later_layers(layers_of: Any) -> None:
    class Forgiving(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wrong = nn.Sequential(nn.Conv2d(7, 4, 3))
            self.right = nn.Conv2d(3, 4, 3)

        def forward(self, x: Any) -> Any:
            try:
                return self.wrong(x)
            except RuntimeError:
                return F.relu(self.right(x))

    layers = layers_of(lambda: nn.Sequential(Forgiving(), nn.ReLU()), (3, 20, 20))

    assert [layer.name for layer in layers][-1] == "1"


def test_a_single_model_may_return_several_maps(trace_of: Any) -> None:
    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 5)

        def forward(self, x: Any) -> dict[str, Any]:
            return {"first": self.first(x), "rest": [self.second(x)]}

    graph = trace_of(Heads, (3, 20, 20))

    assert [graph[name].layer for name in graph.outputs] == ["first", "second"]


COSTS: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "convolutions": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 8, 7, 2, 3),
            nn.Conv2d(8, 8, 3, groups=8),
            nn.ConvTranspose2d(8, 4, 4, 2, 1),
            nn.Conv2d(4, 8, 3, dilation=2, groups=2),
        ),
        (3, 40, 40),
    ),
    "volumes": (lambda: nn.Sequential(nn.Conv3d(1, 4, 3, 2), nn.Conv3d(4, 4, 1)), (1, 12, 14, 16)),
    "linear layers": (
        lambda: nn.Sequential(nn.Conv1d(2, 4, 3), nn.Flatten(), nn.Linear(72, 9), nn.Linear(9, 2)),
        (2, 20),
    ),
    "linear layers with channels last": (
        lambda: nn.Sequential(nn.Linear(20, 30), nn.Linear(30, 5, bias=False)),
        (3, 20, 20),
    ),
    "attention": (
        lambda: nn.Sequential(
            nn.Flatten(2),
            nn.Linear(64, 16),
            nn.TransformerEncoderLayer(16, 4, 32, batch_first=True),
        ),
        (3, 8, 8),
    ),
    "products": (Functional, (4, 20, 20)),
}


@pytest.mark.parametrize("name", COSTS)
def test_costs_are_half_the_operations_that_pytorch_counts(name: str, trace_of: Any) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    build, size = COSTS[name]
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        build().eval().to("meta")(torch.zeros(1, *size, device="meta"))

    graph = trace_of(build, size)

    assert 2 * sum(node.macs for node in graph) == counter.get_total_flops()


@pytest.mark.zoo
@pytest.mark.parametrize(
    "name", ["resnet18", "mobilenet_v2", "vit_b_16", "swin_t", "convnext_tiny"]
)
def test_costs_of_whole_models_are_half_the_operations_that_pytorch_counts(
    name: str, trace_of: Any
) -> None:
    torchvision = pytest.importorskip("torchvision")
    from torch.utils.flop_counter import FlopCounterMode

    def build() -> Any:
        with torch.device("meta"):
            return torchvision.models.get_model(name)

    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        build().eval()(torch.zeros(1, 3, 224, 224, device="meta"))

    graph = trace_of(build, (3, 224, 224))

    assert 2 * sum(node.macs for node in graph) == counter.get_total_flops()


def shifted_into_place(x: Any) -> Any:
    y = x.clone()
    y[:, :, 0::2, 1::2] = x[:, :, 1::2, ::2]
    return y


def spread_over_zeros(x: Any) -> Any:
    y = torch.zeros_like(x)
    y[:, :, 0::2, 0::2] = x[:, :, 0::2, 0::2]
    return y


@pytest.mark.parametrize("run", [shifted_into_place, spread_over_zeros])
def test_maps_that_were_written_to_in_steps_keep_their_size(
    run: Callable[..., Any], layers_of: Any
) -> None:
    class Written(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)

        def forward(self, x: Any) -> Any:
            return self.last(run(self.first(x)))

    last = layers_of(Written, (3, 32, 24))[-1]

    assert (last.input_feature_map, last.feature_map) == ((32, 24), (32, 24))
