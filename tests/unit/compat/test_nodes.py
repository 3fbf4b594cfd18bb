"""Nodes in the way of rfa_toolbox: what they say, and where it is another number than there."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any

import pytest

from rfa_core.compat import (
    EnrichedNetworkNode,
    LayerDefinition,
    add_custom_layer_handler,
    create_graph_from_pytorch_model,
    input_resolution_range,
    visualize_architecture,
)
from rfa_core.compat.handlers import HANDLERS
from rfa_core.errors import UsageError
from rfa_core.frontends import tables


def node(
    name: str, kernel: Any = 1, stride: Any = 1, after: Any = (), **options: Any
) -> EnrichedNetworkNode:
    return EnrichedNetworkNode(name, LayerDefinition(name, kernel, stride, **options), after)


def test_any_node_stands_for_the_whole_graph() -> None:
    first = node("first", 3, 2, filters=8)
    left, right = node("same", 3, 1, [first], filters=8), node("same", 5, 1, [first], filters=8)
    add = node("add", 1, 1, [left, right])
    second = node("second", 3, 1, [add], filters=8)

    assert first.all_layers == second.all_layers == [first, left, right, add, second]
    assert [one.receptive_field_sizes for one in first.all_layers] == [
        [3],
        [7],
        [11],
        [7, 11],
        [11, 15],
    ]
    assert [one.get_maximum_scale_factor() for one in first.all_layers] == [2] * 5
    assert second.compute_feature_map_size(63) == 32
    assert [one.is_border(7) for one in first.all_layers] == [False, False, False, False, True]


def test_a_graph_that_grows_is_looked_at_again() -> None:
    first = node("first", 3, 1, filters=8)
    before = first.receptive_field_min

    second = node("second", 3, 1, [first], filters=8)

    assert (before, first.receptive_field_min, second.receptive_field_min) == (3, 3, 5)


def test_axes_are_told_apart_where_kernels_are_sequences() -> None:
    first = node("first", (3, 5), (1, 2), filters=8)
    second = node("second", 3, 1, [first], filters=8)
    gate = node("gate", None, None, [second])
    last = node("last", (3, 3), 1, [node("product", 1, 1, [second, gate])], filters=8)

    assert (first.receptive_field_min, second.receptive_field_min) == ((3, 5), (5, 9))
    assert (last.receptive_field_min, last.receptive_field_max) == ((7, 13), (inf, inf))
    assert gate.receptive_field_min == (inf, inf)
    assert input_resolution_range(last) == ((6, 6), (7, 13))
    assert input_resolution_range(last, filter_all_inf_rf=False) == ((6, 6), (inf, inf))


@pytest.mark.parametrize(
    ("kernel", "stride", "said"),
    [
        (0, 1, "kernel_size values must be greater than 0"),
        (3, (1, 0), "stride_size values must be greater than 0"),
        ((3, 3, 3), (1, 1), "must have the same length"),
    ],
)
def test_impossible_layers_are_refused(kernel: Any, stride: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LayerDefinition("layer", kernel, stride)


def test_a_layer_is_written_as_plain_values_and_read_again() -> None:
    for layer in (LayerDefinition("conv", 3, 2, filters=8), LayerDefinition("fc", units=10)):
        assert LayerDefinition.from_dict(layer.to_dict()) == layer


def test_what_a_node_follows_are_nodes() -> None:
    with pytest.raises(ValueError, match="predecessors must be a list of EnrichedNetworkNodes"):
        node("layer", after=["first"])


torch = pytest.importorskip("torch")
from torch import Tensor, nn  # noqa: E402

DIFFERENCES = {
    "dilation": (lambda: nn.Conv2d(3, 8, 3, dilation=4, padding=4), 9),
    "transposed convolution": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.ConvTranspose2d(8, 8, 4, 2, 1),
            nn.Conv2d(8, 8, 3, padding=1),
        ),
        5,
    ),
    "up-sampling": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.Upsample(scale_factor=2), nn.Conv2d(8, 8, 3, padding=1)
        ),
        5,
    ),
    "pixel shuffle": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.PixelShuffle(2), nn.Conv2d(2, 8, 3, padding=1)
        ),
        5,
    ),
}


@pytest.mark.torch
@pytest.mark.parametrize("difference", DIFFERENCES)
def test_what_differs_is_what_the_model_itself_shows(difference: str) -> None:
    make, size = DIFFERENCES[difference]
    model = make()

    graph = create_graph_from_pytorch_model(model, input_res=(1, 3, 64, 64))

    assert graph.receptive_field_min == (size, size)
    assert _seen(model) == size


def _seen(model: nn.Module) -> int:
    """How many columns of the image the results in the middle depend on, at most."""
    image = torch.zeros(1, 3, 64, 64, requires_grad=True)
    for parameter in model.parameters():
        nn.init.uniform_(parameter, 0.1, 1.0)
    out = model(image)
    sizes = []
    for place in range(out.shape[3] // 2 - 2, out.shape[3] // 2 + 2):
        (gradient,) = torch.autograd.grad(out[..., place].sum(), image, retain_graph=True)
        columns = gradient.abs().sum((0, 1, 2)).nonzero()
        sizes.append(int(columns.max() - columns.min()) + 1)
    return max(sizes)


@pytest.mark.torch
@pytest.mark.parametrize("size", [74, 75])
def test_the_range_agrees_with_the_verdicts(size: int) -> None:
    torchvision = pytest.importorskip("torchvision")
    graph = create_graph_from_pytorch_model(torchvision.models.resnet50())

    found = [one for one in graph.all_layers if one.is_border(size)]
    past = [one for one in found if one.predecessors[0].receptive_field_min >= (size, size)]

    assert input_resolution_range(graph)[0] == (75, 75)
    assert bool(past) == (size < 75)


class SomeModule(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.k_size = 3
        self.conv1 = nn.Conv2d(64, 64, self.k_size, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.max_pool2d(self.conv1(x), self.k_size * 2, 2, padding=2)


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A handler for ``SomeModule``, forgotten afterwards."""
    known = tables.table("torch", "layer")
    monkeypatch.setattr(known, "_entries", dict(known._entries))
    monkeypatch.setattr("rfa_core.compat.importing.HANDLERS", HANDLERS)
    add_custom_layer_handler(
        class_name="SomeModule",
        name_handler=lambda module, name: f"{name} {module.k_size * 3 - 1}",
        kernel_size_provider=lambda module: module.k_size * 3 - 1,
        stride_size_provider=lambda _module: 2,
        filters_provider=lambda module: module.conv1.out_channels,
    )
    yield
    HANDLERS.clear()


@pytest.mark.torch
def test_a_handler_takes_a_module_as_a_whole(handled: None) -> None:  # noqa: ARG001
    model = nn.Sequential(
        nn.Conv2d(3, 64, 3, padding=1), SomeModule(), nn.Conv2d(64, 64, 3, padding=1)
    )

    graph = create_graph_from_pytorch_model(model, custom_layers=["SomeModule"])

    assert [one.name for one in graph.all_layers] == ["0", "1", "2"]
    assert graph.all_layers[1].layer_info == LayerDefinition("SomeModule 8", (8, 8), (2, 2), 64)
    assert [one.receptive_field_min for one in graph.all_layers] == [(3, 3), (10, 10), (14, 14)]


@pytest.mark.torch
def test_calls_that_make_no_sense_are_refused() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3))

    with pytest.raises(UsageError, match="no handler is known for DropPath"):
        create_graph_from_pytorch_model(model, custom_layers=["DropPath"])
    with pytest.raises(UsageError, match="expected 'inf' or None"):
        create_graph_from_pytorch_model(model, filter_rf="most")
    with pytest.raises(UsageError, match=r"found \(1, 3\)"):
        create_graph_from_pytorch_model(model, input_res=(1, 3))
    with pytest.raises(UsageError, match="the model has 2 axes, and cardinality is 3"):
        input_resolution_range(create_graph_from_pytorch_model(model), cardinality=3)


@pytest.mark.torch
def test_gates_count_where_they_are_asked_for() -> None:
    class Gated(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.first(x)
            return self.last(x * x.mean((2, 3), keepdim=True).sigmoid())

    def last(**options: Any) -> Any:
        graph = create_graph_from_pytorch_model(Gated(), **options)
        return graph.receptive_field_max, input_resolution_range(graph, filter_all_inf_rf=False)[1]

    assert last() == ((7, 7), (7, 7))
    assert last(display_se_modules=True) == ((inf, inf), (inf, inf))
    assert last(display_se_modules=True, filter_rf="inf") == ((7, 7), (7, 7))


@pytest.mark.torch
def test_a_picture_shows_what_is_asked_for() -> None:
    model = nn.Sequential(*(nn.Conv2d(3 if n == 0 else 8, 8, 3, padding=1) for n in range(4)))
    graph = create_graph_from_pytorch_model(model)

    def colours(**options: Any) -> set[str]:
        source = visualize_architecture(graph, "net", input_res=6, **options).source
        return {colour for colour in ("red", "orange") if colour in source}

    assert colours() == {"red", "orange"}
    assert colours(color_border=False) == {"orange"}
    assert colours(color_critical=False) == {"red"}
    assert colours(color_border=False, color_critical=False) == set()
