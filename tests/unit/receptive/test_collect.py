"""From nodes to layers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from building import Net

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Location
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Extent, Layer
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import Verdict, judge


def layers_of(graph: Graph) -> dict[str, Layer]:
    return {layer.name: layer for layer in analyse_graph(graph)}


def test_a_convolution_tells_all_its_facts():
    net = Net(64, 48)
    stem = net.conv(net.input, (7, 5), stride=2, layer="stem")
    constructed = (Location("/src/net.py", 3), Location("/src/block.py", 7, 9))
    net.conv(
        stem,
        (3, 5),
        stride=(1, 2),
        dilation=(2, 1),
        layer="block.conv",
        type="Conv2d",
        parameters=60,
        macs=700,
        constructed=constructed,
        called=Location("/src/block.py", 12),
    )

    (_, layer) = analyse_graph(net.graph())

    assert layer == Layer(
        name="block.conv",
        type="Conv2d",
        operation="conv",
        calls=1,
        kernel=(3, 5),
        stride=(1, 2),
        dilation=(2, 1),
        input=Extent((7, 5), (7, 5)),
        output=Extent((15, 13), (15, 13)),
        effective_stride=(Fraction(2), Fraction(4)),
        feature_map=(32, 12),
        input_feature_map=(32, 24),
        parameters=60,
        macs=700,
        judgeable="weights",
        constructed=constructed,
        called=Location("/src/block.py", 12),
    )


def test_inputs_and_constants_are_no_layers():
    net = Net(64)
    weight = net.add(op.Reshape(), [net.constant(4, 1)], (2, 2), layer="weight")
    net.relu(net.input, net.reshape(weight, 1, 4, 1, 1), layer="relu")
    net.nodes[-1] = replace(net.nodes[-1], shape=(1, 4, 2, 64))

    assert list(layers_of(net.graph())) == ["relu"]


def test_a_layer_that_is_called_again_is_one_layer_and_tells_of_its_best_call():
    net = Net(64)
    first = net.conv(net.input, 3, layer="shared", parameters=12, macs=100)
    second = net.conv(first, 3, layer="shared", call=1, macs=100)
    net.conv(second, 3, layer="shared", call=2, macs=100)

    (layer,) = analyse_graph(net.graph())

    assert (layer.calls, layer.parameters, layer.macs) == (3, 12, 300)
    assert (layer.input.min, layer.output.min) == ((1,), (3,))
    assert layer.other_calls == ()


def test_the_best_call_may_come_last():
    net = Net(64)
    deep = net.conv(net.conv(net.input, 9), 9)
    net.conv(deep, 3, layer="shared")
    net.conv(net.input, 3, layer="shared", call=1)

    assert layers_of(net.graph())["shared"].input.min == (1,)


def test_calls_that_each_saw_less_on_one_axis_are_all_kept_and_the_best_is_judged():
    net = Net(64, 64)
    tall, wide = net.conv(net.input, (41, 11)), net.conv(net.input, (11, 51))
    net.conv(tall, 3, layer="shared")
    net.conv(wide, 3, layer="shared", call=1)

    layer = layers_of(net.graph())["shared"]

    assert layer.input.min == (41, 11)
    assert [other.input.min for other in layer.other_calls] == [(11, 51)]
    assert judge(layer, (10, 10), Policy()) is Verdict.UNPRODUCTIVE
    assert judge(layer, (40, 10), Policy()) is Verdict.PARTIAL
    assert judge(layer, (10, 50), Policy()) is Verdict.PARTIAL


def test_a_call_behind_a_dense_layer_does_not_hide_one_before_it():
    net = Net(16, 16)
    tokens = net.permute(net.reshape(net.conv(net.input, 3), 1, 2, 256), 0, 2, 1)
    everything = net.linear(net.mean(tokens, 1, keep=True), 2)
    net.linear(everything, 2, layer="shared")
    net.linear(tokens, 2, layer="shared", call=1)

    layer = layers_of(net.graph())["shared"]

    assert not layer.dense
    assert (layer.judgeable, layer.input.min) == ("weights", (3, 3))


def test_a_layer_of_several_nodes_is_told_by_the_one_with_weights():
    net = Net(64)
    padded = net.pad(net.input, 2, 2, 2)
    net.nodes[-1] = replace(net.nodes[-1], layer="same", parameters=1)
    conv = net.conv(padded, 5, padding=0, layer="same", parameters=20, macs=640)
    net.relu(conv, layer="same")

    (layer,) = analyse_graph(net.graph())

    assert (layer.operation, layer.kernel, layer.calls) == ("conv", (5,), 1)
    assert layer.parameters == 21
    assert (layer.input.min, layer.output.min) == ((1,), (5,))


def test_a_layer_of_several_nodes_without_weights_is_told_by_the_last():
    net = Net(64)
    padded = net.pad(net.input, 2, 1, 0)
    net.nodes[-1] = replace(net.nodes[-1], layer="pool")
    net.pool(padded, 5, 1, layer="pool")

    (layer,) = analyse_graph(net.graph())

    assert (layer.operation, layer.kernel, layer.output.min) == ("max_pool2d", (5,), (5,))
    assert layer.judgeable == "pooling"


def test_of_several_nodes_with_weights_the_last_tells():
    net = Net(64)
    first = net.conv(net.input, 3, layer="separable")
    net.conv(first, 5, layer="separable")

    (layer,) = analyse_graph(net.graph())

    assert (layer.kernel, layer.calls) == ((5,), 1)
    assert (layer.input.min, layer.output.min) == ((3,), (7,))


def test_a_window_over_tokens_has_as_many_positions_as_the_map_has_along_each_axis():
    net = Net(8, 6)
    tokens = net.reshape(net.input, 1, 2, 48)
    window = op.Window((2,), (1,), (1,), (1,), (0,), 1, 1)
    net.add(window, [tokens], (1, 2, 48), layer="mix", kind="conv", weighted=True)

    layer = layers_of(net.graph())["mix"]

    assert (layer.input_feature_map, layer.feature_map) == ((8, 6), (8, 6))


@pytest.mark.parametrize("turned", [False, True])
def test_an_operation_on_what_sees_everything_and_on_one_position_has_a_map_of_one(turned: bool):
    net = Net(8)
    single, everything = net.conv(net.input, 8, padding=0), net.mean(net.input, 2, keep=True)
    net.relu(*sorted([single, everything], reverse=turned), layer="gate")

    layer = layers_of(net.graph())["gate"]

    assert (layer.input_feature_map, layer.feature_map) == ((1,), (1,))
    assert layer.input.min == (8,)


def test_kernels_follow_their_axes_through_permuted_dimensions():
    net = Net(64, 48)
    turned = net.permute(net.input, 0, 1, 3, 2)
    net.conv(turned, (3, 7), stride=(1, 2), dilation=(4, 1), layer="conv")

    layer = layers_of(net.graph())["conv"]

    assert (layer.kernel, layer.stride, layer.dilation) == ((7, 3), (2, 1), (1, 4))
    assert (layer.input_feature_map, layer.feature_map) == ((64, 48), (32, 48))
    assert layer.output.min == (7, 9)


def test_of_two_dimensions_along_one_axis_the_outer_one_tells_the_kernel():
    net = Net(64)
    chunks = net.reshape(net.input, 1, 2, 8, 8)
    window = op.Window((2, 3), (3, 5), (1, 1), (1, 1), (1, 2), 1, 1)
    net.add(window, [chunks], net.shape(chunks), layer="conv", kind="conv", weighted=True)

    (layer,) = (one for one in analyse_graph(net.graph()) if one.name == "conv")

    assert (layer.kernel, layer.feature_map) == ((3,), (64,))
    assert (layer.output.min, layer.output.max) == ((21,), (21,))


def test_a_window_over_a_map_repeated_side_by_side_moves_over_all_copies():
    net = Net(8, 6)
    net.conv(net.repeat(net.input, 1, 1, 2, 1), 3, layer="conv")

    layer = layers_of(net.graph())["conv"]

    assert (layer.input_feature_map, layer.feature_map) == ((16, 6), (16, 6))


def test_a_layer_that_is_no_window_has_a_kernel_of_one():
    net = Net(64, 48)
    net.linear(net.permute(net.input, 0, 2, 3, 1), 5, layer="mix")

    layer = layers_of(net.graph())["mix"]

    assert (layer.kernel, layer.stride, layer.dilation) == ((1, 1), (1, 1), (1, 1))
    assert (layer.judgeable, layer.feature_map) == ("weights", (64, 48))


def test_a_window_on_pooled_features_is_dense_and_keeps_a_map_of_one():
    net = Net(64, 64)
    pooled = net.mean(net.conv(net.input, 3), 2, 3, keep=True)
    net.conv(pooled, 1, padding=0, layer="gate")

    gate = layers_of(net.graph())["gate"]

    assert gate.dense
    assert (gate.feature_map, gate.input_feature_map) == ((1, 1), (1, 1))
    assert gate.judgeable == ""


def test_a_map_of_one_position_is_still_judged():
    net = Net(8, 8)
    single = net.conv(net.input, 8, padding=0)
    net.conv(single, 3, layer="last")

    last = layers_of(net.graph())["last"]

    assert (last.input_feature_map, last.judgeable) == ((1, 1), "weights")
    assert (last.input.min, last.output.min) == ((8, 8), (10, 10))


def test_an_operation_on_several_tensors_receives_the_least_any_of_them_saw():
    net = Net(64)
    net.relu(net.conv(net.input, 9), net.conv(net.input, 3), layer="sum")

    layer = layers_of(net.graph())["sum"]

    assert (layer.input.min, layer.input.max) == ((3,), (9,))
    assert (layer.output.min, layer.output.max) == ((3,), (9,))


def test_feature_maps_count_the_positions_of_upsampled_maps():
    net = Net(64, 64)
    small = net.conv(net.input, 4, 4, padding=0)
    up = net.resample(small, (32, 32), "nearest")
    wide = net.transposed(up, 2, 2)
    net.conv(wide, 3, layer="last")

    last = layers_of(net.graph())["last"]

    assert (last.input_feature_map, last.feature_map) == ((64, 64), (64, 64))
    assert last.effective_stride == (1, 1)
