"""The NaN oracle: footprints found by running a model, not by reasoning about it.

Sample ``n`` of a batch has NaN in coordinate ``n`` along one axis. Whatever is NaN in the
results of sample ``n`` depends on that coordinate. NNPACK stays
out of it: its convolutions are Winograd's, which spread NaN over whole tiles.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rfa_core.frontends import frontend_of
from rfa_core.frontends.base import input_spec
from rfa_core.frontends.tables import Table, table
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Layer

if TYPE_CHECKING:
    from torch import Tensor, nn

# Not this folder itself: where there is no framework, the folders here would pass for them.
sys.path.insert(0, str(Path(__file__).parent / "shared"))

NORMS = ("GroupNorm", "InstanceNorm", "LayerNorm")
AXES = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}


@dataclass(frozen=True)
class Case:
    """A network under test.

    ``size`` is the input, channels first. ``constant`` names global operations, whose
    results are replaced by constants so that the local footprint remains. Results of
    modules whose path begins with one of ``last`` hold their channels in the last dimension;
    those of ``skip`` are on no map. ``tokens`` counts what precedes the square grid in
    sequences ``[N, L, C]``. Channels of ``apart`` hold different positions, so each is
    measured by itself. ``narrow`` is the size of the axes that are not being measured, if
    they may be smaller.
    """

    name: str
    build: Callable[[], nn.Module]
    size: tuple[int, ...] = (3, 40, 40)
    constant: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    tokens: int | None = None
    apart: tuple[str, ...] = ()
    narrow: int | None = None

    def along(self, axis: int) -> tuple[int, ...]:
        """The input for measuring along ``axis``."""
        channels, *sizes = self.size
        if self.narrow is None:
            return self.size
        return channels, *(size if a == axis else self.narrow for a, size in enumerate(sizes))


Sizes = dict[str, list[int]]
Compare = Callable[..., tuple[Sizes, Sizes]]


@pytest.fixture
def forgets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """What a test says of layers and operations of a framework is forgotten after it."""
    used: list[Table[Any]] = []

    def remember(framework: str) -> None:
        used.extend(table(framework, sort) for sort in ("layer", "operation"))
        for one in used:
            monkeypatch.setattr(one, "_entries", dict(one._entries))

    yield remember
    for one in used:
        one.changes += 1


@pytest.fixture
def layers_of() -> Callable[..., tuple[Layer, ...]]:
    """The layers of what ``build`` makes, for an input of ``size``, channels first."""

    def layers(build: Callable[[], nn.Module], size: tuple[int, ...]) -> tuple[Layer, ...]:
        return analysed_layers(Case("network", build, size))

    return layers


@pytest.fixture
def trace_of() -> Callable[..., Graph]:
    """The graph of what ``build`` makes, for an input of ``size``, channels first."""

    def graph(build: Callable[[], nn.Module], size: tuple[int, ...]) -> Graph:
        return traced(Case("network", build, size))

    return graph


@pytest.fixture
def compare() -> Compare:
    """Sizes per axis by layer: as the oracle finds them, and as the analysis claims them."""

    def sizes(name: str, build: Callable[[], nn.Module], **options: Any) -> tuple[Sizes, Sizes]:
        case = Case(name, build, **options)
        axes = range(len(case.size) - 1)
        found = [observe(case, axis) for axis in axes]
        names = [path for path in found[0] if all(path in one for one in found)]
        assert names, "the oracle saw no layer"
        return {path: [one[path] for one in found] for path in names}, analyse(case, names)

    return sizes


def analyse(case: Case, names: Sequence[str]) -> dict[str, list[Any]]:
    layers = analysed_layers(case)
    inexact = [layer.name for layer in layers if not layer.exact]
    assert not inexact
    return {name: list(_last_of(name, layers).output.max) for name in names}


def analysed_layers(case: Case) -> tuple[Layer, ...]:
    return analyse_graph(traced(case), with_structure=True)


def traced(case: Case) -> Graph:
    model = case.build()
    channels, *sizes = case.size
    spec = input_spec((1, channels, *AXES[len(sizes)]), "given")
    return frontend_of(model).trace(model, spec, sizes, case.name)


def _last_of(path: str, layers: Sequence[Layer]) -> Layer:
    """The layer of a module without children: its own, or its last functional call."""
    own = [layer for layer in layers if layer.name == path or layer.name.startswith(f"{path}.")]
    assert own, f"no layer of {path} among {[layer.name for layer in layers]}"
    return own[-1]


def observe(case: Case, axis: int) -> dict[str, int]:
    import torch

    torch.manual_seed(0)
    model = case.build().eval()
    found: dict[str, Tensor] = {}
    with _listening(model, case, found), torch.no_grad(), torch.backends.nnpack.flags(False):
        model(marked_batch(case.along(axis), axis))
    maps = {name: _channels_first(name, result, case) for name, result in found.items()}
    on_map = {
        name: result
        for name, result in maps.items()
        if len(result) == case.size[axis + 1]
        and result.dim() == len(case.size) + 1
        and result.shape[axis + 2] > 2
    }
    return {
        name: max(_hull(name, part, axis) for part in _parts(result, name in case.apart))
        for name, result in on_map.items()
    }


def _parts(result: Tensor, apart: bool) -> Sequence[Tensor]:
    return result.split(1, dim=1) if apart else [result]


def marked_batch(size: Sequence[int], axis: int) -> Tensor:
    """Sample ``n`` has NaN at coordinate ``n`` of ``axis``, over all channels and other axes."""
    import torch

    count = size[axis + 1]
    batch = torch.full((count, *size), 0.5)
    for n in range(count):
        batch[n].select(axis + 1, n).fill_(float("nan"))
    return batch


@contextmanager
def _listening(model: nn.Module, case: Case, found: dict[str, Tensor]) -> Iterator[None]:
    """Hooks that collect what modules without children return first, and silence some."""
    handles = [
        module.register_forward_hook(_collector(path, case, found))
        for path, module in model.named_modules()
    ]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for handle in handles:
            handle.remove()


def _collector(path: str, case: Case, found: dict[str, Tensor]) -> Callable[..., Any]:
    def collect(module: nn.Module, args: Any, out: Any) -> Any:
        if path in case.constant:
            return _silenced(out)
        if type(module).__name__.startswith(NORMS):
            return args[0]
        if _is_leaf(module) and path not in case.skip and path not in found:
            found[path] = (out[0] if isinstance(out, tuple) else out).clone()
        return None

    return collect


def _is_leaf(module: nn.Module) -> bool:
    children = (type(child).__name__ for child in module.children())
    return type(module).__name__ != "Identity" and all(name == "ParameterList" for name in children)


def _silenced(out: Any) -> Any:
    if isinstance(out, tuple):
        return tuple(_silenced(part) for part in out)
    return None if out is None else out.new_zeros(out.shape)


def _channels_first(name: str, result: Tensor, case: Case) -> Tensor:
    if case.tokens is not None and result.dim() == 3:
        grid = result[:, case.tokens :]
        side = isqrt(grid.shape[1])
        return grid.unflatten(1, (side, side)).movedim(-1, 1)
    return result.movedim(-1, 1) if name.startswith(case.last) else result


def _hull(name: str, result: Tensor, axis: int) -> int:
    """The largest hull over the central half of the positions."""
    spoilt = result.isnan().movedim(axis + 2, 1).flatten(2).any(2)
    count, positions = spoilt.shape
    sizes = [0]
    for place in range(-(-(positions - 1) // 4), 3 * (positions - 1) // 4 + 1):
        seen = spoilt[:, place].nonzero().flatten().tolist()
        if seen:
            assert seen[0] > 0 and seen[-1] < count - 1, f"{name}: clipped, take a larger image"
            sizes.append(seen[-1] - seen[0] + 1)
    return max(sizes)
