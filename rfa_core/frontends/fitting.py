"""The resolution that a model runs at, closest to the one that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product

from rfa_core.frontends.base import ForwardError
from rfa_core.graph.model import Graph

Sizes = tuple[int, ...]
NamedSizes = tuple[int | None, ...]
Attempt = Callable[[Sizes], Graph]

_COMMON = (
    *(28, 32, 48, 64, 75, 96, 112, 128, 160, 192, 224, 240, 256, 288, 299, 331, 384, 448, 512),
    *(188, 473, 513, 572, 713),
)
_FRAMES = (4, 8, 16, 32, 64)
_STEPS = (2, 4, 8, 16, 32, 64, 128)


def nearest_running(
    attempt: Attempt, asked: Sizes, named: Iterable[int | NamedSizes] = ()
) -> tuple[Graph, bool] | None:
    """The graph at the closest resolution that works, and whether it is the only size.

    ``attempt`` traces and raises ForwardError; ``named`` are sizes that the model names, for all
    axes or one by one, where None leaves what was asked for.
    Sizes that networks are made for and multiples of powers of two are tried, the closest
    first. If that is not the only size, the gap to ``asked`` is halved until it is closed.
    None if nothing works, or there is no axis along which it could be another size.
    """
    if not asked:
        return None
    found = _first(attempt, _candidates(asked, named))
    if found is None:
        return None
    if _is_only(attempt, found.resolution):
        return _without_rest(attempt, found), True
    return _closest(attempt, asked, found), False


def _first(attempt: Attempt, candidates: Iterable[Sizes]) -> Graph | None:
    for sizes in candidates:
        graph = _try(attempt, sizes)
        if graph is not None:
            return graph
    return None


def _try(attempt: Attempt, sizes: Sizes) -> Graph | None:
    try:
        return attempt(sizes)
    except ForwardError:
        return None


def _candidates(asked: Sizes, named: Iterable[int | NamedSizes]) -> Iterator[Sizes]:
    """Sizes the model names, multiples around the one asked for and one more, sizes in common use.

    Volumes may also be clips: as many frames as are in common use, of such sizes.
    """
    yield from _spelled(asked, dict.fromkeys(named))
    offsets = product((-1, 0, 1), repeat=1 if len(set(asked)) == 1 else len(asked))
    moves = [offset * (len(asked) // len(offset)) for offset in offsets]
    rounded = [
        tuple(
            max(step, -(-size // step) * step + offset * step)
            for size, offset in zip(asked, move, strict=True)
        )
        for step in _STEPS
        for move in moves
    ]
    rounded += [tuple(size + 1 for size in sizes) for sizes in rounded]
    common = [(size,) * len(asked) for size in _COMMON]
    clips = [(frames, size, size) for frames in _FRAMES for size in _COMMON if len(asked) == 3]
    pool = [sizes for sizes in dict.fromkeys([*rounded, *common, *clips]) if sizes != asked]
    yield from sorted(pool, key=lambda sizes: _distance(sizes, asked))


def _spelled(asked: Sizes, named: Iterable[int | NamedSizes]) -> Iterator[Sizes]:
    for size in named:
        sizes = (size,) * len(asked) if isinstance(size, int) else size
        if len(sizes) == len(asked) and all(one is None or one > 0 for one in sizes):
            yield tuple(one or own for one, own in zip(sizes, asked, strict=True))


def _distance(sizes: Sizes, asked: Sizes) -> tuple[int, Sizes]:
    return sum(abs(a - b) for a, b in zip(sizes, asked, strict=True)), sizes


def _closest(attempt: Attempt, asked: Sizes, found: Graph) -> Graph:
    low, high = asked, found
    while True:
        middle = tuple((a + b) // 2 for a, b in zip(low, high.resolution, strict=True))
        if middle in (low, high.resolution):
            return high
        graph = _try(attempt, middle)
        low, high = (middle, high) if graph is None else (low, graph)


def _without_rest(attempt: Attempt, found: Graph) -> Graph:
    """At one less than an odd size, if that works: a head for 8x8 cells takes 32 pixels, and 33."""
    if not all(size % 2 for size in found.resolution):
        return found
    even = _try(attempt, tuple(size - 1 for size in found.resolution))
    return found if even is None else even


def _is_only(attempt: Attempt, sizes: Sizes) -> bool:
    """A model that runs at neither of several other sizes takes this one only."""
    others = ([size + 32 for size in sizes], [size * 2 for size in sizes], [n // 2 for n in sizes])
    return all(_try(attempt, tuple(candidate)) is None for candidate in others if all(candidate))
