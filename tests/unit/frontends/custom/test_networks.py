"""Networks written by hand: what they say, and what is said of their mistakes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import rfa_core as rfa
from rfa_core.discovery.build import build
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.load import load
from rfa_core.discovery.scan import scan
from rfa_core.errors import InvalidGraphError, TraceError
from rfa_core.frontends import frontend_of
from rfa_core.frontends.base import ForwardError


def example() -> rfa.Graph:
    """Five layers, one branch."""
    net = rfa.Graph("example_model")
    conv1 = net.conv("conv1", filters=64, kernel=3)
    conv2 = net.conv("conv2", conv1, filters=128, kernel=3)
    conv3 = net.conv("conv3", conv1, filters=256, kernel=3)
    both = net.concat("both", conv2, conv3)
    net.conv("conv4", both, filters=256, kernel=3)
    net.dense("softmax", units=1000)
    return net


def sizes(net: rfa.Graph, resolution: int | str) -> dict[str, tuple[object, ...]]:
    """Footprints and maps by layer."""
    found = rfa.analyse(net, resolution).layers
    return {
        one.layer.name: (one.layer.output.min, one.layer.output.max, one.layer.feature_map)
        for one in found
    }


def test_five_layers_and_a_branch() -> None:
    found = rfa.analyse(example(), 6)

    assert [(one.layer.name, one.layer.output.min, str(one.verdict)) for one in found.layers] == [
        ("conv1", (3, 3), "productive"),
        ("conv2", (5, 5), "productive"),
        ("conv3", (5, 5), "productive"),
        ("both", (5, 5), "not-judged"),
        ("conv4", (7, 7), "critical"),
        ("softmax", (None, None), "not-judged"),
    ]
    assert found.range is not None
    assert (found.range.min_resolution, found.range.max_resolution) == ((6, 6), (7, 7))


def test_a_layer_follows_the_one_before_it_unless_it_says_otherwise() -> None:
    net = rfa.Graph("net")
    stem = net.conv("stem", filters=4, kernel=3)
    left = net.conv("left", filters=4, kernel=3)
    net.conv("right", "stem", filters=4, kernel=5)
    net.add("sum", [left, "right"])
    net.multiply("gated", stem, "sum")

    assert {layer.name: layer.after for layer in net.layers} == {
        "input": (),
        "stem": ("input",),
        "left": ("stem",),
        "right": ("stem",),
        "sum": ("left", "right"),
        "gated": ("stem", "sum"),
    }


def test_layers_may_be_named_before_they_are_there() -> None:
    net = rfa.Graph("net")
    net.add("sum", "left", "right")
    net.conv("left", "input", filters=4, kernel=3)
    net.conv("right", "input", filters=4, kernel=5)

    assert sizes(net, 16)["sum"] == ((3, 3), (5, 5), (16, 16))


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "dilation", "made"),
    [(16, 3, 1, 1, 16), (16, 3, 2, 1, 8), (15, 3, 2, 1, 8), (17, 4, 3, 2, 6), (5, 1, 2, 1, 3)],
)
def test_same_padding_makes_as_many_positions_as_strides_fit(
    size: int, kernel: int, stride: int, dilation: int, made: int
) -> None:
    net = rfa.Graph("net", axes=1)
    net.conv("conv", filters=1, kernel=kernel, stride=stride, dilation=dilation)
    net.transposed_conv("back", filters=1, kernel=kernel, stride=stride, dilation=dilation)

    found = sizes(net, size)

    assert found["conv"][2] == (made,)
    assert found["back"][2] == (made * stride,)


def test_axes_may_differ_and_inputs_may_be_several() -> None:
    net = rfa.Graph("net", channels=1, axes=3)
    net.conv("frames", filters=8, kernel=(3, 1, 1))
    depth = net.add_input("depth", channels=2)
    net.conv("sizes", depth, filters=8, kernel=(1, 3, 7), stride=(1, 1, 2), padding="valid")
    net.upsample("up", factor=(1, 1, 2))
    net.crop("cut", "frames", start=(0, 1, 3), end=(0, 1, 3))
    net.concat("both", "cut", "up")

    assert sizes(net, "8x16x16")["both"] == ((1, 1, 1), (3, 3, 7), (8, 14, 10))


MISTAKES: dict[str, tuple[Callable[[rfa.Graph], object], str]] = {
    "a name twice": (
        lambda net: [net.norm("a"), net.norm("a")],
        "a: the name is used twice",
    ),
    "a kernel of another length": (
        lambda net: net.conv("conv", filters=8, kernel=(3, 3, 3)),
        "conv: conv: kernel: expected a whole number of at least 1 or 2 of them, one per axis, "
        "found [3, 3, 3]",
    ),
    "a kernel of nothing": (
        lambda net: net.max_pool("pool", kernel=0),
        "pool: max_pool: kernel: expected a whole number of at least 1 or 2 of them, one per "
        "axis, found 0",
    ),
    "another word for padding": (
        lambda net: net.conv("conv", filters=8, kernel=3, padding="full"),
        "conv: conv: padding: expected 'same' or 'valid' or a whole number of at least 0 or 2 of "
        "them, one per axis, found 'full'",
    ),
    "an option that is missing": (
        lambda net: net.conv("conv", kernel=3),
        "conv: conv: filters is missing: a whole number of at least 1",
    ),
    "an option that does not exist": (
        lambda net: net.conv("conv", filters=8, kernal=3, kernel=3),
        "conv: conv: unknown option 'kernal'; did you mean kernel?",
    ),
    "a kind that does not exist": (
        lambda net: net.layer("conv", "convolve", filters=8),
        "conv: no kind of layer is called 'convolve'; did you mean conv?",
    ),
    "a name that cannot be shown": (
        lambda net: net.norm("a\x1b[31m"),
        "'a\\x1b[31m': expected a name of printable characters, found 'a\\x1b[31m'",
    ),
    "layers that do not exist": (
        lambda net: [net.conv("left", filters=1, kernel=1), net.add("sum", "lefd", "x"),
                     net.in_order()],
        "sum: there is no layer 'lefd' for it to follow (did you mean left?)\n"
        "  sum: there is no layer 'x' for it to follow",
    ),
    "a cycle": (
        lambda net: [net.norm("a", "c"), net.norm("b", "a"), net.norm("c", "b"), net.in_order()],
        "a: it follows itself: a -> b -> c -> a",
    ),
    "too few branches": (
        lambda net: [net.add("sum", "input"), net.in_order()],
        "sum: add follows 2 or more layers, found 1",
    ),
    "too many branches": (
        lambda net: [net.norm("a"), net.conv("conv", "a", "input", filters=1, kernel=1),
                     net.in_order()],
        "conv: conv follows 1 layer, found 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake: str) -> None:
    make, said = MISTAKES[mistake]

    with pytest.raises(InvalidGraphError) as error:
        make(rfa.Graph("net"))

    assert error.value.message == f"the graph net is invalid:\n  {said}"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: rfa.Graph(""), "the name of a graph: expected a name of printable characters, "
         "found ''"),
        (lambda: rfa.Graph("net", axes=4), "net: axes: expected 1, 2 or 3, found 4"),
        (lambda: rfa.Graph("net").norm("a", 3), "a: expected a layer or its name to follow, "
         "found 3\n  options are given by name, as in net.conv('stem', filters=64, kernel=7)"),
    ],
)  # fmt: skip
def test_a_call_that_makes_no_sense_is_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(InvalidGraphError) as error:
        make()

    assert str(error.value) == said


def test_a_kind_that_does_not_exist_is_no_method() -> None:
    net = rfa.Graph("net")

    assert not hasattr(net, "convolve")
    assert {"conv", "max_pool", "layer", "save"} <= set(dir(net))


MISFITS: dict[str, tuple[Callable[[rfa.Graph], object], str]] = {
    "maps of two sizes": (
        lambda net: net.add(
            "bad",
            net.conv("left", "input", filters=8, kernel=3),
            net.conv("right", "input", filters=8, kernel=3, stride=2),
        ),
        "the maps do not fit together: 8 channels of 16x16 from left, 8 channels of 8x8 from right",
    ),
    "maps of two sizes side by side": (
        lambda net: net.concat(
            "bad",
            net.conv("left", "input", filters=8, kernel=3),
            net.dense("right", "input", units=8),
        ),
        "the maps do not fit together: 8 channels of 16x16 from left, a vector of 8 from right",
    ),
    "a kernel that does not fit": (
        lambda net: net.conv("bad", filters=1, kernel=9, dilation=3, padding="valid"),
        "the kernel spans 25 positions, the map has 16",
    ),
    "channels that make no groups": (
        lambda net: net.conv("bad", filters=4, kernel=1, groups=2),
        "3 channels that come in do not make 2 groups",
    ),
    "a vector where a map is needed": (
        lambda net: [net.dense("head", units=4), net.max_pool("bad", kernel=2)],
        "it needs a map with positions, and gets the vector [1, 4]",
    ),
    "windows that do not fill the map": (
        lambda net: net.attention("bad", window=5),
        "windows of 5 do not fill a map of 16",
    ),
    "a reflection beyond the map": (
        lambda net: net.pad("bad", start=16, end=0, mode="reflect"),
        "16 positions cannot be made of a map of 16 (reflect)",
    ),
    "a map beyond all measure": (
        lambda net: net.upsample("bad", factor=(1, 10**15)),
        "it makes 16000000000000000 positions, more than 8388608",
    ),
    "a shape with other elements": (
        lambda net: net.reshape("bad", shape=(7, -1)),
        "[3, 16, 16] cannot have the shape [7, -1]",
    ),
}


@pytest.mark.parametrize("misfit", MISFITS)
def test_a_layer_that_cannot_take_what_it_gets_is_named(misfit: str) -> None:
    make, why = MISFITS[misfit]
    net = rfa.Graph("net")
    make(net)
    frontend = frontend_of(net)
    (spec,) = frontend.guess_inputs(net)

    with pytest.raises(ForwardError) as error:
        frontend.trace(net, spec, (16, 16), "net")

    assert (error.value.layer, error.value.reason) == ("bad", why)
    assert error.value.message.startswith(f"net: bad cannot be computed on [1, 3, 16, 16]: {why}")


def test_a_network_too_deep_for_its_image_says_where_it_works() -> None:
    net = rfa.Graph("net")
    for n in range(4):
        net.conv(f"conv{n}", filters=4, kernel=3, padding="valid")
        net.max_pool(f"pool{n}", kernel=2)

    found = rfa.analyse(net, 32).model.resolutions[0]

    assert found.unsupported is not None
    assert found.unsupported.layer == "conv3"
    assert found.unsupported.works_at == found.traced_at == (46, 46)


def test_shapes_that_the_network_does_not_have_are_refused() -> None:
    with pytest.raises(TraceError, match=r"takes \[1, 3, 64, 64\], not \[1, 64, 64, 3\]"):
        rfa.analyse(example(), 64, input_shape=(1, "H", "W", 3))


SOURCE = """\
import rfa_core as rfa
from rfa_core import Graph


def block(net, name):
    net.conv(f"{name}.conv", filters=4, kernel=3)
    return net.norm(f"{name}.norm")


def plain():
    net = rfa.Graph("plain")
    block(net, "one")
    return net


class Own(Graph):
    def __init__(self):
        super().__init__("own", channels=1)
        self.conv("conv", filters=4, kernel=5)


def from_file():
    return rfa.Graph.load("net.rfa.json")


def needs(depth):
    return rfa.Graph("needs")
"""


def test_layers_know_the_lines_that_asked_for_them(tmp_path: Path) -> None:
    (tmp_path / "nets.py").write_text(SOURCE, encoding="utf-8")
    target = Target("nets.py::plain")

    made = build(load(target, str(tmp_path)), target, {}, str(tmp_path))
    frontend = frontend_of(made.model)
    (spec,) = frontend.guess_inputs(made.model)
    graph = frontend.trace(made.model, spec, (8, 8), "plain", made.constructed, str(tmp_path))

    assert made.framework == "custom"
    assert {node.layer: [line.line for line in node.constructed] for node in graph} == {
        "input": [11],
        "one.conv": [12, 6],
        "one.norm": [12, 7],
    }


def test_factories_of_custom_graphs_are_discovered(tmp_path: Path) -> None:
    (tmp_path / "nets.py").write_text(SOURCE, encoding="utf-8")

    listing = scan(["nets.py"], str(tmp_path), ())

    assert [(target.name, target.framework, target.kind) for target in listing.targets] == [
        ("nets.py::plain", "custom", "function"),
        ("nets.py::Own", "custom", "class"),
        ("nets.py::from_file", "custom", "function"),
    ]
    assert [(one.name, one.reason) for one in listing.left_alone] == [
        ("nets.py::needs", "needs arguments: depth")
    ]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("conf", "no kind of layer is called 'conf'; did you mean conv?"),
        ("blur", "no kind of layer is called 'blur'; the kinds are activation, "),
        ("_conv", "Graph has no attribute '_conv'"),
    ],
)
def test_a_kind_of_layer_that_does_not_exist_is_answered_with_those_that_do(
    kind: str, said: str
) -> None:
    net = rfa.Graph("net")

    with pytest.raises(AttributeError) as error:
        getattr(net, kind)

    assert str(error.value).startswith(said)
