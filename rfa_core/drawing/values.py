"""What a picture is made of: frozen values that know nothing of any format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rfa_core.findings import Unsupported
from rfa_core.graph.operations import Window
from rfa_core.receptive.layers import Extent
from rfa_core.receptive.measure import Measure
from rfa_core.receptive.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Box:
    """One call of a layer, with the operations folded into it.

    ``key`` names it in edges; ``path`` is the framework's name of the layer, ``name`` what is
    left of it inside the enclosing module. ``measures`` are the footprints of its result, one
    per axis, ``seen`` that of what it reads. ``filters`` counts the output channels of a
    convolution, ``units`` the outputs of a linear layer, 0 for all others. ``computes``: it
    does more than rearrange. ``beside`` holds the types of what is folded in, computes and
    belongs to the same module, ``folded`` the paths of all.
    ``reasons`` say why the footprint is only a bound. ``source`` is ``file:line``.
    """

    key: str
    path: str
    name: str
    type: str
    kind: str
    verdict: Verdict
    measures: tuple[Measure, ...]
    seen: Extent
    window: Window | None = None
    filters: int = 0
    units: int = 0
    computes: bool = True
    call: int = 0
    calls: int = 1
    beside: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()
    parameters: int = 0
    macs: int = 0
    reasons: tuple[str, ...] = ()
    tie: bool = False
    source: str = ""

    @property
    def footprint(self) -> Extent:
        """The sizes of ``measures``."""
        return Extent(
            tuple(axis.min for axis in self.measures),
            tuple(axis.max for axis in self.measures),
            any(axis.context for axis in self.measures),
        )

    @property
    def map(self) -> tuple[int | None, ...]:
        """Positions of the result per axis."""
        return tuple(axis.map for axis in self.measures)


@dataclass(frozen=True, slots=True)
class Group:
    """A module with what is inside, in the order of first use; drawn as one box unless ``open``."""

    path: str
    name: str
    items: tuple[Item, ...]
    open: bool = True


@dataclass(frozen=True, slots=True)
class Stack:
    """A run of sibling modules or layers of the same structure and the same verdicts.

    Each one reads the one before it; ``blocks`` holds them all.
    """

    name: str
    blocks: tuple[Item, ...]


Item = Box | Group | Stack


@dataclass(frozen=True, slots=True)
class View:
    """A network as it is drawn. ``edges`` go from key to key, in the order of the graph.

    ``drawn_at`` differs from ``resolution`` where the model cannot run there; ``unsupported``
    then says why. ``stopped`` says where its forward pass could not be followed any further.
    ``modules`` has the classes of modules by their paths, as far as they are known.
    """

    name: str
    resolution: tuple[int, ...]
    drawn_at: tuple[int, ...]
    root: Group
    edges: tuple[tuple[str, str], ...]
    counts: tuple[tuple[Verdict, int], ...] = ()
    unsupported: Unsupported | None = None
    stopped: str = ""
    modules: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


def boxes_in(item: Item) -> Iterator[Box]:
    """Every box inside, those of all blocks of a stack included, in order."""
    waiting: list[Item] = [item]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Box):
            yield one
        else:
            waiting.extend(reversed(parts_of(one)))


def parts_of(item: Group | Stack) -> tuple[Item, ...]:
    """What is one level below."""
    return item.items if isinstance(item, Group) else item.blocks


def verdicts_in(item: Item) -> tuple[Verdict, ...]:
    """The verdicts of the judged boxes inside, in order."""
    found = (box.verdict for box in boxes_in(item))
    return tuple(verdict for verdict in found if verdict is not Verdict.NOT_JUDGED)


def worst(verdicts: tuple[Verdict, ...]) -> Verdict:
    """The worst of ``verdicts``; not judged if there is none."""
    return min(verdicts, key=list(Verdict).index, default=Verdict.NOT_JUDGED)
