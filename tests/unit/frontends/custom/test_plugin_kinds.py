"""Kinds of layers for custom graphs that plugins bring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import rfa_core as rfa
from rfa_core.errors import ConfigurationError, InvalidGraphError
from rfa_core.frontends.custom.kinds.base import KINDS


@pytest.fixture(autouse=True)
def involution(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A kind of its own, forgotten after each test."""
    monkeypatch.setattr(KINDS, "_entries", dict(KINDS._entries))

    @rfa.layer_type("custom", "involution")
    def involution(kernel: int, stride: int = 1, *, filters: int | None = None) -> rfa.Window:
        """A convolution whose kernel is computed at each position."""
        return rfa.Window(kernel, stride, filters=filters)

    yield


def network() -> rfa.Graph:
    net = rfa.Graph("net")
    net.involution("mix", kernel=7, stride=2, filters=8)
    net.conv("last", filters=8, kernel=3)
    return net


def test_a_kind_of_a_plugin_is_a_method_like_ours() -> None:
    plain = rfa.Graph("net")
    plain.conv("mix", filters=8, kernel=7, stride=2, bias=False)
    plain.conv("last", filters=8, kernel=3)

    found, expected = (rfa.analyse(net, 32).layers for net in (network(), plain))

    assert [one.layer.type for one in found] == ["involution", "conv"]
    for own, ours in zip(found, expected, strict=True):
        assert (own.layer.input, own.layer.output) == (ours.layer.input, ours.layer.output)
        assert (own.layer.parameters, own.layer.macs) == (ours.layer.parameters, ours.layer.macs)
        assert own.verdict == ours.verdict


def test_it_is_saved_and_loaded_like_ours(tmp_path: Path) -> None:
    network().save(tmp_path / "net.rfa.json")

    assert rfa.Graph.load(tmp_path / "net.rfa.json").layers == network().layers


def test_its_options_are_checked_by_its_annotations() -> None:
    with pytest.raises(InvalidGraphError) as error:
        rfa.Graph("net").involution("mix", kernel="7", strid=2)

    assert error.value.message.splitlines()[1:] == [
        "  mix: involution: unknown option 'strid'; did you mean stride?",
        "  mix: involution: kernel: expected a whole number of at least 1, found '7'",
    ]


def test_a_description_that_contradicts_the_map_names_the_kind() -> None:
    @rfa.layer_type("custom", "wrong")
    def wrong() -> rfa.Window:
        return rfa.Window((3, 3, 3))

    net = rfa.Graph("net")
    net.wrong("mix")

    with pytest.raises(rfa.RfaError, match=r"kernel has 3 numbers, and there are 2 axes \(said by"):
        rfa.analyse(net, 32)


def test_a_description_that_fails_names_its_function() -> None:
    @rfa.layer_type("custom", "wrong")
    def wrong(kernel: int) -> rfa.Window:
        return kernel.size

    net = rfa.Graph("net")
    net.wrong("mix", kernel=3)

    with pytest.raises(rfa.RfaError, match=r"wrong raises AttributeError: 'int' object has no"):
        rfa.analyse(net, 32)


def test_a_kind_of_ours_is_not_replaced() -> None:
    with pytest.raises(ConfigurationError, match="two translations of the custom layer conv: "):

        @rfa.layer_type("custom", "conv")
        def conv() -> rfa.Pointwise:
            return rfa.Pointwise()


@pytest.mark.parametrize(
    ("describe", "found"),
    [(lambda **_options: rfa.Pointwise(), r"\*\*_options"), (lambda after: after, "after")],
)
def test_a_kind_whose_options_cannot_be_named_is_refused(
    describe: Callable[..., rfa.Pointwise], found: str
) -> None:
    rfa.layer_type("custom", "open")(describe)

    with pytest.raises(ConfigurationError, match=f"expected options by name, found {found}"):
        rfa.Graph("net").layer("mix", "open")


def test_options_may_be_of_any_type() -> None:
    @rfa.layer_type("custom", "free")
    def free(shape: list[int], names: dict[str, str], other=None) -> rfa.Pointwise:  # type: ignore[no-untyped-def]
        assert (shape, names, other) == ((3, 4), {"a": "b"}, (1, "x"))
        return rfa.Pointwise()

    net = rfa.Graph("net")
    net.free("mix", shape=[3, 4], names={"a": "b"}, other=[1, "x"])

    assert rfa.analyse(net, 8).layers[0].layer.type == "free"
