"""What the README of rfa_toolbox shows, with the import as the only change."""

from __future__ import annotations

from math import inf

import pytest

from rfa_core.compat import EnrichedNetworkNode, LayerDefinition, visualize_architecture


@pytest.mark.torch
def test_a_pytorch_model_is_drawn_with_its_unproductive_layers() -> None:
    torchvision = pytest.importorskip("torchvision")
    from rfa_core.compat import create_graph_from_pytorch_model

    model = torchvision.models.alexnet()
    graph = create_graph_from_pytorch_model(model)
    picture = visualize_architecture(graph, "alexnet_32_pixel", input_res=32)

    assert picture.name == "alexnet_32_pixel"
    assert "red" in picture.source
    assert [node.name for node in graph.all_layers if node.is_border(32)] == [
        "features.6",
        "features.8",
        "features.10",
    ]


@pytest.mark.keras
def test_a_keras_model_is_drawn_likewise() -> None:
    pytest.importorskip("rfa_core.frontends.keras")
    applications = pytest.importorskip("keras.applications")
    from rfa_core.compat import create_graph_from_tensorflow_model, input_resolution_range

    model = applications.VGG19(include_top=True, weights=None)
    graph: EnrichedNetworkNode = create_graph_from_tensorflow_model(model)
    picture = visualize_architecture(graph, "VGG16", input_res=32)

    assert "red" in picture.source
    assert graph.receptive_field_min == (inf, inf)
    assert input_resolution_range(graph) == ((221, 221), (252, 252))


def custom() -> EnrichedNetworkNode:
    conv1 = EnrichedNetworkNode(
        name="Conv1",
        layer_info=LayerDefinition(name="Conv3x3", kernel_size=3, stride_size=1, filters=64),
        predecessors=[],
    )
    conv2 = EnrichedNetworkNode(
        name="Conv2",
        layer_info=LayerDefinition(name="Conv3x3", kernel_size=3, stride_size=1, filters=128),
        predecessors=[conv1],
    )
    conv3 = EnrichedNetworkNode(
        name="Conv3",
        layer_info=LayerDefinition(name="Conv3x3", kernel_size=3, stride_size=1, filters=256),
        predecessors=[conv1],
    )
    conv4 = EnrichedNetworkNode(
        name="Conv4",
        layer_info=LayerDefinition(name="Conv3x3", kernel_size=3, stride_size=1, filters=256),
        predecessors=[conv2, conv3],
    )
    return EnrichedNetworkNode(
        name="Softmax",
        layer_info=LayerDefinition(name="Fully Connected", units=1000),
        predecessors=[conv4],
    )


def test_a_graph_is_written_node_by_node() -> None:
    out = custom()

    picture = visualize_architecture(out, "example_model", input_res=32)

    sizes = [(node.name, node.receptive_field_min) for node in out.all_layers]
    assert dict(sizes) == {"Conv1": 3, "Conv2": 5, "Conv3": 5, "Conv4": 7, "Softmax": inf}
    assert sizes[0][0] == "Conv1"
    assert picture.name == "example_model"
    assert all(name in picture.source for name in ("Conv1", "Conv2", "Conv3", "Conv4"))
    assert "red" not in picture.source
    assert "red" in visualize_architecture(out, "example_model", input_res=5).source


@pytest.mark.torch
def test_the_feasible_range_is_the_one_that_is_documented() -> None:
    torchvision = pytest.importorskip("torchvision")
    from rfa_core.compat import create_graph_from_pytorch_model, input_resolution_range

    model = torchvision.models.resnet50()
    graph = create_graph_from_pytorch_model(model)
    min_res, max_res = input_resolution_range(graph, filter_all_inf_rf=False)

    assert (min_res, max_res) == ((75, 75), (427, 427))
