"""What the nodes of a graph have in common, wherever it comes from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from math import inf
from typing import Any, Protocol

from rfa_core.findings import JudgedLayer
from rfa_core.frontends import InputShape
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import Verdict

_SERIALS = count()
"""What a node follows exists before it, so this is an order of the graph, too."""
Size = float | tuple[float, ...]
"""One number for all axes, or one per axis; infinite for dense layers."""


@dataclass(frozen=True)
class LayerDefinition:
    """What a layer is: without ``kernel_size`` it is dense, and sees everything.

    ``kernel_size`` and ``stride_size`` are numbers, or one per axis. Raises ValueError for
    numbers below 1, and where the two have different lengths.
    """

    name: str
    kernel_size: Any = None
    stride_size: Any = None
    filters: int | None = None
    units: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kernel_size", _or(self.kernel_size, inf))
        object.__setattr__(self, "stride_size", _or(self.stride_size, 1))
        for what, value in (("kernel_size", self.kernel_size), ("stride_size", self.stride_size)):
            if any(number < 1 for number in _each(value)):
                raise ValueError(
                    f"{what} values must be greater than 0 or infinite (which indicates a dense "
                    f"layer), found {value}"
                )
        lengths = {len(v) for v in (self.kernel_size, self.stride_size) if isinstance(v, Sequence)}
        if len(lengths) > 1:
            raise ValueError(
                "when kernel_size and stride_size are both sequences, they must have the same "
                f"length, found {self.kernel_size} and {self.stride_size}"
            )

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> LayerDefinition:
        """The layer that ``to_dict`` wrote."""
        return cls(**config)

    def to_dict(self) -> dict[str, Any]:
        """The layer as plain values."""
        known = {
            "name": self.name,
            "kernel_size": None if self.kernel_size == inf else self.kernel_size,
            "stride_size": self.stride_size,
            "filters": self.filters,
            "units": self.units,
        }
        return {key: value for key, value in known.items() if value is not None}


class Network(Protocol):
    """What the nodes of one graph know together."""

    scalar: bool
    """Whether sizes are one number for all axes."""
    counts_context: bool
    """Whether a path that sees everything makes the largest size infinite."""
    input_shape: InputShape | None
    """The shape of the input, where it was given."""

    def model(self) -> object:
        """What is analysed."""

    def layer(self, node: GraphNode) -> Layer | None:
        """What is known of the layer of ``node``, at the resolution of the first look."""

    def judged(self, node: GraphNode, resolution: Any, policy: Policy) -> JudgedLayer | None:
        """What the layer of ``node`` is at ``resolution``."""

    def range(self, policy: Policy) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
        """The smallest and the largest feasible resolution, per axis."""


class GraphNode(ABC):
    """A layer and what it follows; any node stands for the whole graph.

    Sizes are in pixels of the input, one number where kernels and strides are numbers, else one
    per axis.
    """

    def __init__(
        self,
        name: str,
        layer_info: LayerDefinition,
        predecessors: Iterable[GraphNode] = (),
        network: Network | None = None,
    ) -> None:
        self.name = name
        self.layer_info = layer_info
        self.predecessors = list(predecessors)
        self.successors: list[GraphNode] = []
        self._serial = next(_SERIALS)
        self._network = network
        self._known: tuple[int, Network] | None = None
        for one in self.predecessors:
            if not isinstance(one, GraphNode):
                raise ValueError("predecessors must be a list of EnrichedNetworkNodes")
        for one in self.predecessors:
            one.successors.append(self)

    @property
    def all_layers(self) -> list[GraphNode]:
        """Every node of the graph, each after those that it follows."""
        found: dict[int, GraphNode] = {}
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if id(node) not in found:
                found[id(node)] = node
                waiting += [*node.predecessors, *node.successors]
        return sorted(found.values(), key=lambda node: node._serial)

    @property
    def kernel_size(self) -> Any:
        return self.layer_info.kernel_size

    @property
    def stride_size(self) -> Any:
        return self.layer_info.stride_size

    @property
    def receptive_field_min(self) -> Size:
        """The size along the path that sees least."""
        layer = self._layer()
        return self._shown(lambda axis: _size(layer.output.min[axis]), layer)

    @property
    def receptive_field_max(self) -> Size:
        """The size over all paths."""
        layer = self._layer()
        everything = self.network.counts_context and layer.output.global_context
        return self._shown(lambda axis: inf if everything else _size(layer.output.max[axis]), layer)

    @property
    def receptive_field_sizes(self) -> list[Size]:
        """The smallest and the largest, once if they are the same."""
        return list(dict.fromkeys((self.receptive_field_min, self.receptive_field_max)))

    def get_maximum_scale_factor(self) -> Size:
        """Pixels of the input per step on the map; infinite where there is one position."""
        layer = self._layer()
        strides = layer.effective_stride
        return self._shown(lambda axis: _step(strides[axis]), layer)

    def compute_feature_map_size(self, input_resolution: int | Sequence[int]) -> Size:
        """Positions of the map on an image of ``input_resolution`` pixels."""
        judged = self.network.judged(self, input_resolution, Policy())
        layer = self._layer() if judged is None else judged.layer
        return self._shown(lambda axis: layer.feature_map[axis] or 1, layer)

    def is_border(
        self, input_resolution: int | Sequence[int], filter_kernel_size_1: bool = False
    ) -> bool:
        """Whether the layer is unproductive at ``input_resolution``, or its kernel covers the map.

        ``filter_kernel_size_1`` leaves kernels of size 1 out.
        """
        policy = Policy(judge_pointwise=not filter_kernel_size_1)
        judged = self.network.judged(self, input_resolution, policy)
        found = Verdict.NOT_JUDGED if judged is None else judged.verdict
        return found in (Verdict.UNPRODUCTIVE, Verdict.FULL_KERNEL)

    def is_in(self, container: Iterable[GraphNode]) -> bool:
        """Whether this very node is in ``container``."""
        return any(self is node for node in container)

    @property
    def network(self) -> Network:
        """What the nodes of the graph know together; of one written by hand, as it is by now."""
        if self._network is not None:
            return self._network
        nodes = self.all_layers
        if self._known is None or self._known[0] != len(nodes):
            network = self._written(nodes)
            for node in nodes:
                node._known = len(nodes), network
        assert self._known is not None
        return self._known[1]

    @abstractmethod
    def _written(self, nodes: Sequence[GraphNode]) -> Network:
        """The network that ``nodes`` are, written by hand."""

    def _layer(self) -> Layer:
        found = self.network.layer(self)
        assert found is not None
        return found

    def _shown(self, size_of: Callable[[int], float], layer: Layer) -> Size:
        sizes = tuple(size_of(axis) for axis in range(len(layer.output.min)))
        return sizes[0] if self.network.scalar else sizes

    def __repr__(self) -> str:
        after = ", ".join(node.name for node in self.predecessors)
        return f"EnrichedNetworkNode(name={self.name!r}, predecessors=[{after}])"


def _or(value: Any, default: float) -> Any:
    if value is None:
        return default
    return tuple(value) if isinstance(value, Sequence) else value


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _size(size: int | None) -> float:
    return inf if size is None else size


def _step(stride: Any) -> float:
    if stride is None:
        return inf
    return int(stride) if stride == int(stride) else float(stride)
