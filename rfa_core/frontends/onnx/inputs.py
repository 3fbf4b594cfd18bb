"""What an ONNX model wants to be fed, and along which dimensions its axes run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from onnx import ModelProto, NodeProto, ValueInfoProto

from rfa_core.frontends.base import InputSpec, TensorSpec
from rfa_core.frontends.onnx.program import Program, program
from rfa_core.frontends.onnx.texts import reads_names
from rfa_core.frontends.onnx.values import FLOATING

_NAMES = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}
_WINDOWS = frozenset(
    ("Conv", "ConvInteger", "QLinearConv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool",
     "FusedConv", "GlobalAveragePool", "GlobalMaxPool", "Resize", "Upsample", "DepthToSpace",
     "SpaceToDepth", "InstanceNormalization", "BatchNormalization")
)  # fmt: skip
_THROUGH = frozenset(
    ("Add", "Sub", "Mul", "Div", "Cast", "Identity", "QuantizeLinear", "DequantizeLinear", "Pad",
     "Clip", "Relu", "Neg", "Abs", "Sqrt", "Pow", "Dropout", "LeakyRelu", "Sigmoid", "Tanh",
     "Transpose", "DynamicQuantizeLinear", "Slice")
)  # fmt: skip
_DEEPEST = 32
MOST_CHANNELS = 4
"""A last dimension of at most as many is taken for the channels of an image."""


@dataclass(frozen=True, slots=True)
class _Dimension:
    """A dimension as the file gives it: a size, a name, or neither."""

    size: int | None
    name: str


@reads_names
def guess_inputs(model: ModelProto, given: InputSpec | None = None) -> tuple[InputSpec, ...]:
    """The inputs that the file states; positions are what its first convolution or pooling
    moves along, else what is usual for as many dimensions.

    Batches are 1 where the file leaves them open. Axes that the file fixes are axes all the
    same: they follow the resolution that is asked for.
    """
    if given is not None:
        return (given,)
    read = program(model)
    known = _Axes()
    specs, said = [], []
    for one in read.inputs:
        dims = _dimensions(one)
        channels, places, origin = _places(read, one.name, dims)
        if dims is None:
            dims = [_Dimension(None, "")] * (max(places, default=1) + 1)
        specs.append(known.tensor(dims, places, channels, one))
        said.append(origin)
    return (InputSpec(tuple(specs), known.names, next(filter(None, said), "stated by the file")),)


@reads_names
def sizes_named_by(model: ModelProto) -> tuple[int, ...]:
    """The sizes that the file fixes for the axes of its inputs."""
    read = program(model)
    found: list[int] = []
    for one in read.inputs:
        dims = _dimensions(one)
        if dims is not None:
            places = _places(read, one.name, dims)[1]
            found += [size for place in places if (size := dims[place].size) is not None]
    return tuple(dict.fromkeys(found))


class _Axes:
    """Axes by name: dimensions of the same name are one axis."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self._sizes: dict[str, int | None] = {}

    def tensor(
        self,
        dims: Sequence[_Dimension],
        places: Sequence[int],
        channels: Mapping[int, int],
        info: ValueInfoProto,
    ) -> TensorSpec:
        usual = _NAMES.get(len(places), tuple(f"X{n}" for n in range(len(places))))
        axes: list[int | None] = [None] * len(dims)
        for place, name in zip(places, usual, strict=True):
            axes[place] = self._number(dims[place].name or name, dims[place].size)
        sizes = [
            1 if place in places else channels.get(place, 1) if one.size is None else one.size
            for place, one in enumerate(dims)
        ]
        return TensorSpec(tuple(sizes), tuple(axes), _element(info) not in FLOATING)

    def _number(self, name: str, size: int | None) -> int:
        own, count = name, 1
        while own in self._sizes and self._sizes[own] != size:
            count += 1
            own = f"{name}{count}"
        if own not in self._sizes:
            self._sizes[own] = size
            self.names = (*self.names, own)
        return self.names.index(own)


def _dimensions(info: ValueInfoProto) -> list[_Dimension] | None:
    tensor = info.type.tensor_type
    if not tensor.HasField("shape"):
        return None
    return [
        _Dimension(dim.dim_value if dim.dim_value > 0 else None, dim.dim_param)
        for dim in tensor.shape.dim
    ]


def _element(info: ValueInfoProto) -> int:
    return info.type.tensor_type.elem_type or 1


def _places(
    read: Program, name: str, dims: list[_Dimension] | None
) -> tuple[dict[int, int], tuple[int, ...], str]:
    """The size of the channels where it is known, the dimensions that are positions, and why."""
    rank = None if dims is None else len(dims)
    for node, order in _first_windows(read, name, rank):
        count = len(order) - 2
        if count in _NAMES and (rank is None or len(order) == rank):
            own = _channels(read, node)
            return (
                {order[1]: own} if own else {},
                tuple(order[2:]),
                f"positions are those of {node.name or node.op_type}",
            )
    return {}, _usual(dims), ""


def _usual(dims: list[_Dimension] | None) -> tuple[int, ...]:
    """Positions by what is usual: channels come before them, or last if they are few."""
    if dims is None:
        return (2, 3)
    rank = len(dims)
    last = dims[-1].size if dims else None
    few = last if last is not None and last <= MOST_CHANNELS else 0
    if rank in (4, 5) and few and all(one.size is None or one.size > few for one in dims[1:-1]):
        return tuple(range(1, rank - 1))
    if rank in (4, 5):
        return tuple(range(2, rank))
    if rank == 3:
        return (2,) if dims[1].size is not None and dims[2].size is None else (1,)
    return (rank - 1,) if rank else ()


def _first_windows(
    read: Program, name: str, rank: int | None
) -> Iterator[tuple[NodeProto, tuple[int, ...]]]:
    """Windows that the input reaches through elementwise steps and transpositions, and which
    dimension of the input each of their dimensions is."""
    readers: dict[str, list[NodeProto]] = {}
    for node in read.nodes:
        for each in set(node.input):
            readers.setdefault(each, []).append(node)
    start = None if rank is None else tuple(range(rank))
    waiting = [(name, start, 0)]
    while waiting:
        at, order, depth = waiting.pop(0)
        for node in readers.get(at, ()):
            if node.op_type in _WINDOWS and node.input[0] == at:
                known = order or _counted(read, node)
                if known is not None:
                    yield node, known
            elif node.op_type in _THROUGH and depth < _DEEPEST and node.output:
                waiting.append((node.output[0], _turned(node, order), depth + 1))


def _turned(node: NodeProto, order: tuple[int, ...] | None) -> tuple[int, ...] | None:
    if node.op_type != "Transpose" or order is None:
        return order
    perm = next((list(one.ints) for one in node.attribute if one.name == "perm"), [])
    perm = perm or list(reversed(range(len(order))))
    fits = sorted(perm) == list(range(len(order)))
    return tuple(order[place] for place in perm) if fits else None


def _counted(read: Program, node: NodeProto) -> tuple[int, ...] | None:
    """Dimensions of an input whose shape is not stated, by those of the weight."""
    weight = _weight(read, node)
    return None if weight is None else tuple(range(len(weight)))


def _weight(read: Program, node: NodeProto) -> tuple[int, ...] | None:
    place = 3 if node.op_type == "QLinearConv" else 1
    if not node.op_type.endswith(("Conv", "ConvInteger", "ConvTranspose")) or place >= len(
        node.input
    ):
        return None
    value = read.weights.get(node.input[place])
    return None if value is None or value.shape is None or prod(value.shape) == 0 else value.shape


def _channels(read: Program, node: NodeProto) -> int | None:
    weight = _weight(read, node)
    if weight is None or len(weight) < 3:
        return None
    groups = next((one.i for one in node.attribute if one.name == "group"), 1)
    return weight[0] if node.op_type == "ConvTranspose" else weight[1] * max(groups, 1)
