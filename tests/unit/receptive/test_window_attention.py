"""Attention in windows is finite; shifted windows see twice as far."""

from __future__ import annotations

from building import Net

from rfa_core.graph import operations as op
from rfa_core.receptive.measure import Measure
from rfa_core.receptive.propagate import propagate


def windows(net: Net, tokens: str, window: int) -> str:
    """Attention of ``[1, height, width, channels]`` inside windows, with its shortcut."""
    _, height, width, channels = shape = net.shape(tokens)
    rows, columns = height // window, width // window
    cut = net.reshape(tokens, 1, rows, window, columns, window, channels)
    flat = net.reshape(
        net.permute(cut, 0, 1, 3, 2, 4, 5), rows * columns, window * window, channels
    )
    scores = net.softmax(_scores(net, flat), 2)
    mixed = net.linear(_weighted(net, scores, flat), channels)
    digits = net.reshape(mixed, 1, rows, columns, window, window, channels)
    joined = net.reshape(net.permute(digits, 0, 1, 3, 2, 4, 5), *shape)
    return net.relu(tokens, joined)


def shifted(net: Net, tokens: str, window: int) -> str:
    half = window // 2
    rolled = net.roll(tokens, (1, 2), (-half, -half))
    _, height, width, channels = shape = net.shape(tokens)
    rows, columns = height // window, width // window
    cut = net.reshape(rolled, 1, rows, window, columns, window, channels)
    flat = net.reshape(
        net.permute(cut, 0, 1, 3, 2, 4, 5), rows * columns, window * window, channels
    )
    mixed = net.attention(flat, flat, flat)
    digits = net.reshape(mixed, 1, rows, columns, window, window, channels)
    joined = net.reshape(net.permute(digits, 0, 1, 3, 2, 4, 5), *shape)
    return net.relu(tokens, net.roll(joined, (1, 2), (half, half)))


def _scores(net: Net, tokens: str) -> str:
    count, size, _ = net.shape(tokens)
    product = op.Contract(((0, 1, 2), (0, 3, 2)), (0, 1, 3))
    return net.add(product, [tokens, tokens], (count, size, size), kind="matmul")


def _weighted(net: Net, scores: str, values: str) -> str:
    product = op.Contract(((0, 1, 2), (0, 2, 3)), (0, 1, 3))
    return net.add(product, [scores, values], net.shape(values), kind="matmul")


def swin(size: int) -> tuple[Net, list[str]]:
    net = Net(size, size)
    tokens = net.permute(net.conv(net.input, 4, 4, padding=0), 0, 2, 3, 1)
    first = windows(net, tokens, 7)
    return net, [tokens, first, shifted(net, first, 7)]


def test_the_first_pair_of_swin_blocks_sees_4_28_and_56_pixels():
    net, stages = swin(224)

    footprints = propagate(net.graph())

    assert [footprints[name].measures for name in stages] == [
        (Measure(4, 4, False, 4, 56),) * 2,
        (Measure(4, 28, False, 4, 56),) * 2,
        (Measure(4, 56, False, 4, 56),) * 2,
    ]


def test_attending_twice_in_one_window_adds_nothing():
    net, (_, first, _) = swin(224)
    again = windows(net, first, 7)

    assert propagate(net.graph())[again].measures[0].max == 28


def test_attention_over_the_whole_map_is_global():
    net = Net(28, 28)
    patches = net.reshape(net.conv(net.input, 4, 4, padding=0), 1, 2, 49)
    tokens = net.permute(patches, 0, 2, 1)

    attended = net.attention(tokens, tokens, tokens)
    values = net.attention(net.constant(1, 49, 2), tokens, tokens)

    footprints = propagate(net.graph())
    assert footprints[values].measures == (Measure(None, None, True),) * 2
    assert [(m.max, m.context) for m in footprints[attended].measures] == [(4, True)] * 2


def test_attention_along_rows_is_global_on_one_axis_only():
    net = Net(16, 12)
    tokens = net.permute(net.conv(net.input, 3), 0, 2, 3, 1)

    attended = net.attention(tokens, tokens, tokens)

    height, width = propagate(net.graph())[attended].measures
    assert (height.max, height.context) == (3, False)
    assert (width.max, width.context) == (3, True)


def test_a_query_that_sees_more_than_its_window_reports_the_union():
    net = Net(48)
    wide, narrow = net.conv(net.input, 5), net.conv(net.input, 1)
    query, key = (net.reshape(net.permute(name, 0, 2, 1), 1, 12, 4, 2) for name in (wide, narrow))

    attended = net.attention(query, key, key)

    assert propagate(net.graph())[attended].measures[0].max == 6


def test_blocks_taken_apart_and_put_together_keep_their_overlap():
    net = Net(48)
    cut = net.add(op.Unfold(2, 6, 4), [net.conv(net.input, 3)], (1, 2, 11, 6))
    seen = net.softmax(cut, 3)

    joined = net.add(op.Fold(2, 3, 4), [seen], (1, 2, 46))

    found = propagate(net.graph())[joined].measures[0]
    assert (found.max, found.map) == (12, 46)
