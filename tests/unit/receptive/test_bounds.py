"""What is only bounded, or sees all of a dimension, behind every kind of source."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from building import Net

from rfa_core.graph import operations as op
from rfa_core.receptive.measure import Measure
from rfa_core.receptive.propagate import propagate

Build = Callable[[Net], str]
GLOBAL = Measure(None, None, True)

SOURCES: dict[str, tuple[Build, Measure]] = {
    "a map": (lambda net: net.conv(net.input, 3), Measure(3, 3, False, Fraction(1), 64)),
    "channels apart": (
        lambda net: net.concat(1, net.conv(net.input, 1), net.conv(net.input, 5)),
        Measure(1, 5, False, Fraction(1), 64),
    ),
    "channels of which some see all": (
        lambda net: net.concat(
            1,
            net.conv(net.input, 3),
            net.expand(net.mean(net.input, 2, keep=True), 1, 2, 64),
        ),
        Measure(3, 3, True, Fraction(1), 64),
    ),
    "a rolled map": (
        lambda net: net.roll(net.conv(net.input, 3), [2], [5]),
        Measure(3, 3, False, Fraction(1), 64),
    ),
    "what sees everything": (lambda net: net.mean(net.input, 2, keep=True), GLOBAL),
}


def result(build: Callable[[Net, str], str], source: str, global_norms: bool = False) -> Measure:
    net = Net(64)
    build(net, SOURCES[source][0](net))
    graph = net.graph()
    return propagate(graph, global_norms=global_norms)[graph.outputs[0]].measures[0]


def with_context(measure: Measure) -> Measure:
    return Measure(measure.min, measure.max, True, measure.stride, measure.map)


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_measured_as_it_is(source: str):
    assert result(lambda _, x: x, source) == SOURCES[source][1]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    "operation", [op.Unknown("my::op"), op.Sample("grid_sample")], ids=["unknown", "sampled"]
)
def test_what_the_data_decide_keeps_its_source_as_a_bound_from_below(
    operation: op.Operation, source: str
):
    found = result(lambda net, x: net.add(operation, [x], net.shape(x)), source)

    assert found == with_context(SOURCES[source][1])


def test_what_is_not_understood_is_bounded_by_the_first_operand_of_its_own_shape():
    def odd(net: Net, x: str) -> str:
        small, weight = net.pool(x, 2), net.constant(*net.shape(x))
        return net.add(op.Unknown("my::op"), [small, weight, x, net.input], net.shape(x))

    assert result(odd, "a map") == Measure(3, 3, True, Fraction(1), 64)


@pytest.mark.parametrize(
    ("operation", "shape"),
    [
        (op.Unknown("my::op"), (1, 2, 7)),
        (op.Unknown("my::op"), (2, 64)),
        (op.Sample("roi_align"), (2, 64)),
    ],
)
def test_of_what_has_another_shape_nothing_local_is_known(
    operation: op.Operation, shape: tuple[int, ...]
):
    assert result(lambda net, x: net.add(operation, [x], shape), "a map") == GLOBAL


def test_a_map_sampled_to_another_size_keeps_its_bound_on_the_new_grid():
    sampled = op.Sample("grid_sample")

    found = result(lambda net, x: net.add(sampled, [x], (1, 2, 16)), "a map")

    assert found == Measure(3, 3, True, Fraction(4), 16)


def test_constants_sampled_by_data_see_what_the_data_see_and_nothing_local():
    def looked_up(net: Net, x: str) -> str:
        table = net.constant(10, 2)
        return net.add(op.Sample("embedding"), [table, x], (1, 2, 64))

    assert result(looked_up, "a map") == GLOBAL


@pytest.mark.parametrize("source", SOURCES)
def test_kernels_made_from_the_input_add_global_context(source: str):
    def dynamic(net: Net, x: str) -> str:
        kernel = net.reshape(net.mean(net.input, 2), 1, 2, 1)
        window = op.Window((2,), (3,), (1,), (1,), (1,), 1, 0)
        return net.add(window, [x, kernel], net.shape(x), kind="conv")

    narrow = SOURCES[source][1]
    grown = [None if size is None else size + 2 for size in (narrow.min, narrow.max)]

    assert result(dynamic, source) == Measure(*grown, True, narrow.stride, narrow.map)


@pytest.mark.parametrize("source", SOURCES)
def test_constant_kernels_add_nothing(source: str):
    def plain(net: Net, x: str) -> str:
        window = op.Window((2,), (3,), (1,), (1,), (1,), 1, 0)
        return net.add(window, [x, net.constant(4, 1, 3)], net.shape(x), kind="conv")

    narrow = SOURCES[source][1]
    grown = [None if size is None else size + 2 for size in (narrow.min, narrow.max)]

    assert result(plain, source) == Measure(*grown, narrow.context, narrow.stride, narrow.map)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(("dims", "counts"), [((1,), False), ((2,), True), ((1, 2), True)])
def test_statistics_count_where_they_are_taken_over_positions(
    source: str, dims: tuple[int, ...], counts: bool
):
    plain = SOURCES[source][1]

    found = result(lambda net, x: net.norm(x, *dims), source, global_norms=True)

    assert found == (with_context(plain) if counts else plain)


def test_a_recurrent_layer_that_changes_its_width_mixes_what_it_reads():
    def recurrent(net: Net, x: str) -> str:
        return net.add(op.Recurrent(2), [x, net.constant(5, 5)], (1, 5, 64))

    def across(net: Net, x: str) -> str:
        return net.add(op.Recurrent(0), [x, net.constant(5, 5)], (1, 5, 64))

    assert result(recurrent, "a map") == GLOBAL
    assert result(across, "channels apart") == Measure(1, 5, False, Fraction(1), 64)


@pytest.mark.parametrize("operation", [op.Recurrent(0), op.Everything((0,))])
def test_another_operand_that_the_input_makes_adds_global_context(operation: op.Operation):
    def begun(net: Net, x: str) -> str:
        first = net.reshape(net.mean(net.input, 2), 1, 2, 1)
        return net.add(operation, [x, first], net.shape(x))

    for source in ("a map", "channels apart", "a rolled map", "what sees everything"):
        assert result(begun, source) == with_context(SOURCES[source][1])
    assert result(lambda net, _: begun(net, net.constant(1, 2, 64)), "a map") == GLOBAL


def test_a_recurrent_layer_along_another_dimension_leaves_a_map_as_it_is():
    def across(net: Net, x: str) -> str:
        return net.add(op.Recurrent(0), [x], net.shape(x))

    for source in ("a map", "channels apart", "a rolled map", "what sees everything"):
        assert result(across, source) == SOURCES[source][1]


def test_a_transform_over_all_dimensions_is_global():
    assert result(lambda net, x: net.add(op.Everything(()), [x], (1, 2, 64)), "a map") == GLOBAL


@pytest.mark.parametrize(
    "operation",
    [op.Unknown("my::op"), op.Sample("index"), op.Recurrent(2), op.Everything((2,))],
    ids=["unknown", "sampled", "recurrent", "everything"],
)
def test_of_constants_alone_nothing_is_seen(operation: op.Operation):
    net = Net(64)
    weights = net.constant(1, 2, 64)
    net.add(operation, [weights], (1, 2, 64))
    graph = net.graph()

    found = propagate(graph)[graph.outputs[0]]

    assert (found.constant, found.inexact) == (True, ())


def test_zeros_around_channels_and_positions_at_once_are_two_things():
    def padded(net: Net, x: str) -> str:
        zeros = net.add(op.Pad((0, 1, 2), (0, 1, 1), "constant"), [x], (1, 4, 67))
        return net.slice(zeros, 1, 1, 3)

    assert result(padded, "a map") == Measure(3, 3, False, Fraction(1), 67)
