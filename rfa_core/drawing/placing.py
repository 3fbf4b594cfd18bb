"""Where the parts of one module stand: layer by layer, with side lanes for edges that skip layers.

Pure geometry, in pixels: it knows sizes and who reads whom, and nothing of what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rfa_core.drawing.lanes import Lane, laned
from rfa_core.drawing.paths import bent, curved

GAP = 20
"""Between neighbours."""
ROW_GAP = 26
"""Between layers."""

Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a part is; ``inlet`` and ``outlet`` are where its edges end at the top and begin
    at the bottom, from its left."""

    width: float
    height: float
    inlet: float
    outlet: float


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a part is drawn."""

    x: float
    y: float
    size: Size

    @property
    def right(self) -> float:
        return self.x + self.size.width

    @property
    def bottom(self) -> float:
        return self.y + self.size.height

    @property
    def inlet(self) -> float:
        return self.x + self.size.inlet

    @property
    def outlet(self) -> float:
        return self.x + self.size.outlet


@dataclass(frozen=True, slots=True)
class Plan:
    """The spots of the parts in their order, and the paths of the edges, as SVG writes them."""

    spots: tuple[Spot, ...]
    paths: tuple[str, ...]
    width: float
    height: float


def placed(sizes: Sequence[Size], edges: Iterable[Edge]) -> Plan:
    """A place for each part; ``edges`` are pairs of places in ``sizes``, without a circle.

    A part stands below all that it reads. An edge to the next layer is drawn straight, one that
    skips layers, too, where nothing stands in its way; all others go by a lane at the side.
    """
    wanted = sorted(set(edges))
    row_of = _rows(len(sizes), wanted)
    rows = [[i for i, row in enumerate(row_of) if row == each] for each in range(_count(row_of))]
    lefts = _lefts(sizes, rows, wanted)
    spots = _spots(sizes, rows, lefts)
    skipping = [edge for edge in wanted if _is_blocked(edge, row_of, rows, spots)]
    lanes = laned(skipping, row_of, [_extent(row, spots) for row in rows])
    straight = [edge for edge in wanted if edge not in set(skipping)]
    left = min([0.0, *(spot.x for spot in spots), *(lane.x for lane in lanes)])
    moved = [Spot(spot.x - left, spot.y, spot.size) for spot in spots]
    paths = [_straight(moved[a], moved[b]) for a, b in straight]
    paths += [_by_lane(lane, -left, moved, rows, row_of) for lane in lanes]
    right = max([0.0, *(spot.right for spot in moved), *(lane.x - left for lane in lanes)])
    height = max((spot.bottom for spot in moved), default=0.0)
    return Plan(tuple(moved), tuple(paths), right, height)


def _count(row_of: Sequence[int]) -> int:
    return max(row_of, default=-1) + 1


def _rows(number: int, edges: Sequence[Edge]) -> list[int]:
    """The layer of each part: one below the lowest that it reads; what reads nothing stands right
    above its first reader."""
    sources: dict[int, list[int]] = {i: [] for i in range(number)}
    readers: dict[int, list[int]] = {i: [] for i in range(number)}
    for source, reader in edges:
        sources[reader].append(source)
        readers[source].append(reader)
    rows = [0] * number
    for i in _ordered(sources, readers):
        rows[i] = max((rows[source] + 1 for source in sources[i]), default=0)
    for i in range(number):
        if not sources[i] and readers[i]:
            rows[i] = min(rows[reader] for reader in readers[i]) - 1
    return rows


def _ordered(
    sources: Mapping[int, Sequence[int]], readers: Mapping[int, Sequence[int]]
) -> list[int]:
    """Every part after all that it reads."""
    missing = {i: len(found) for i, found in sources.items()}
    ready = [i for i, count in missing.items() if not count]
    for i in ready:
        for reader in readers[i]:
            missing[reader] -= 1
            if not missing[reader]:
                ready.append(reader)
    return ready


def _lefts(
    sizes: Sequence[Size], rows: Sequence[Sequence[int]], edges: Sequence[Edge]
) -> dict[int, float]:
    """The left of each part: below what it reads, as far as neighbours leave it room."""
    above: dict[int, list[int]] = {}
    for source, reader in edges:
        above.setdefault(reader, []).append(source)
    lefts: dict[int, float] = {}
    for row in rows:
        wants = {}
        for i in row:
            over = [lefts[one] + sizes[one].outlet for one in above.get(i, ()) if one in lefts]
            wants[i] = (sum(over) / len(over) if over else 0.0) - sizes[i].inlet
        lefts |= _spread(sorted(row, key=lambda i: (wants[i] + sizes[i].inlet, i)), wants, sizes)
    return lefts


def _spread(
    row: Sequence[int], wants: Mapping[int, float], sizes: Sequence[Size]
) -> dict[int, float]:
    """Neighbours side by side, each as near as can be to where it wants to be."""
    lefts: dict[int, float] = {}
    free = float("-inf")
    for i in row:
        lefts[i] = max(wants[i], free)
        free = lefts[i] + sizes[i].width + GAP
    shift = sum(wants[i] - lefts[i] for i in row) / len(row)
    return {i: left + shift for i, left in lefts.items()}


def _spots(
    sizes: Sequence[Size], rows: Sequence[Sequence[int]], lefts: Mapping[int, float]
) -> list[Spot]:
    tops: dict[int, float] = {}
    top = 0.0
    for row in rows:
        height = max((sizes[i].height for i in row), default=0.0)
        tops |= {i: top + (height - sizes[i].height) / 2 for i in row}
        top += height + ROW_GAP
    return [Spot(lefts[i], tops[i], size) for i, size in enumerate(sizes)]


def _extent(row: Sequence[int], spots: Sequence[Spot]) -> tuple[float, float]:
    found = [spots[i] for i in row]
    return min((one.x for one in found), default=0), max((one.right for one in found), default=0)


def _is_blocked(
    edge: Edge, row_of: Sequence[int], rows: Sequence[Sequence[int]], spots: Sequence[Spot]
) -> bool:
    """Whether a part stands in the way straight down from the source."""
    source, reader = edge
    x = spots[source].outlet
    between = (i for row in rows[row_of[source] + 1 : row_of[reader]] for i in row)
    return any(spots[i].x - GAP / 2 < x < spots[i].right + GAP / 2 for i in between)


def _straight(source: Spot, reader: Spot) -> str:
    """Down, and across in the last gap."""
    start, end = (source.outlet, source.bottom), (reader.inlet, reader.y)
    return curved(start, end, ROW_GAP)


def _by_lane(
    lane: Lane,
    shift: float,
    spots: Sequence[Spot],
    rows: Sequence[Sequence[int]],
    row_of: Sequence[int],
) -> str:
    """Out at the side or the bottom of the source, along the lane, in at the side or the top."""
    source, reader, x = spots[lane.source], spots[lane.reader], lane.x + shift
    edge = max if lane.rightward else min
    outermost = {i: i == edge(rows[row_of[i]], key=lambda one: spots[one].x) for i in lane.ends}
    points = []
    if outermost[lane.source]:
        y = source.y + 0.7 * source.size.height
        points += [(source.right if lane.rightward else source.x, y), (x, y)]
    else:
        y = source.bottom + ROW_GAP / 3
        points += [(source.outlet, source.bottom), (source.outlet, y), (x, y)]
    if outermost[lane.reader]:
        y = reader.y + 0.3 * reader.size.height
        points += [(x, y), (reader.right if lane.rightward else reader.x, y)]
    else:
        y = reader.y - ROW_GAP / 2
        points += [(x, y), (reader.inlet, y), (reader.inlet, reader.y)]
    return bent(points)
