"""Where in the source a change is to be made."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rfa_core.graph.model import Location, Node
from rfa_core.rules.blame import relative_to

Line = tuple[str, int]


def place_of(node: Node, others: Collection[Node], root: str) -> Location | None:
    """The deepest line of the project that built ``node`` and none of ``others``, else the one
    that called it; relative to ``root``. None if there is no such line."""
    shared = {_line(place) for other in others for place in _stack(other)}
    own = [place for place in _stack(node) if _line(place) not in shared]
    return relative_to(root, own[-1]) if own else None


def _stack(node: Node) -> Sequence[Location]:
    if node.constructed or node.called is None:
        return node.constructed
    return (node.called,)


def _line(place: Location) -> Line:
    return (place.file, place.line)
