"""The framework-neutral graph: frozen values in topological order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rfa_core.graph.operations import Input, Operation

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A line of source: ``file`` as found (absolute), ``line`` and ``column`` from 1.

    ``library`` says of a line that constructed a layer that it asked a library, which did.
    """

    file: str
    line: int
    column: int = 1
    library: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Node:
    """One operation of the graph and the tensor it makes.

    ``layer`` is the framework's own name of the layer it belongs to (``layer1.0.conv1``; a
    functional call is named after its module and operation, ``layer1.0.max_pool2d``);
    ``kind`` what it does, in words of the field (``conv``, ``max_pool2d``, ``linear``);
    ``type`` the class or function the user wrote (``Conv2d``). ``weighted`` says that the
    node applies learned weights at positions, so that it can be judged. ``parameters``
    counts tensors not counted by an earlier node; ``call`` numbers the calls of the layer
    from 0; ``constructed`` holds the project lines
    that built the layer, outermost first, ``called`` the one that ran it.
    """

    name: str
    operation: Operation
    operands: tuple[str, ...]
    shape: Shape
    layer: str = ""
    kind: str = ""
    type: str = ""
    weighted: bool = False
    call: int = 0
    parameters: int = 0
    macs: int = 0
    bytes: int = 0
    constructed: tuple[Location, ...] = ()
    called: Location | None = None


@dataclass(frozen=True, slots=True)
class ModuleClass:
    """The class that the user wrote, or took, for the module at ``path``."""

    path: str
    type: str


@dataclass(frozen=True, slots=True)
class Graph:
    """A traced model. ``resolution`` is the input size per axis it was traced at.

    ``parameters`` counts the whole model's, used or not. ``stopped`` says where and why
    recording ended early; empty when the forward pass ran through. ``reads`` names the layer
    and the line where it read a value that depends on the input: other images may go
    another way from there. ``modules`` says what the modules are, where the framework has such.
    """

    name: str
    framework: str
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    resolution: tuple[int, ...]
    parameters: int = 0
    stopped: str = ""
    reads: str = ""
    modules: tuple[ModuleClass, ...] = field(default=(), compare=False, repr=False)
    _index: dict[str, Node] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._index.update((node.name, node) for node in self.nodes)

    def __getitem__(self, name: str) -> Node:
        return self._index[name]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def axes(self) -> int:
        """How many axes the inputs have."""
        return len(self.resolution)

    @property
    def inputs(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if isinstance(node.operation, Input))
