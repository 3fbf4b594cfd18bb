"""The NaN oracle: what a real forward pass shows to depend on what.

The model runs on the CPU with NaN in some coordinates of its input: whatever becomes NaN
depends on one of them. Norms are replaced by the identity, and what global operations made
by numbers, so that local footprints remain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map_only

from rfa_core.frontends.base import Heard, InputSpec, Marks
from rfa_core.frontends.torch.described import whole_modules
from rfa_core.frontends.torch.feeding import call, made
from rfa_core.frontends.torch.recorder import Recorder, tensors_in
from rfa_core.frontends.torch.state import (
    seed,
    tensors_swapped,
    untouched,
    watched,
    without_lazy_parameters,
)
from rfa_core.frontends.torch.trace import recorder_arguments
from rfa_core.frontends.torch.wrappers import unwrapped
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node
from rfa_core.receptive.claims import Claim

if TYPE_CHECKING:
    from rfa_core.frontends.base import Look

_NAN = float("nan")
_SWALLOWING = frozenset({"sign", "sgn", "masked_fill", "where", "nan_to_num"})
"""Elementwise operations that can return numbers where they read NaN."""
_UNWRITTEN = frozenset({"empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided"})
"""What returns memory as it was left, NaN of earlier passes in it."""


@contextmanager
def oracle(
    model: nn.Module,
    spec: InputSpec,
    resolution: Sequence[int],
    axis: int,
    graph: Graph,
    claims: Mapping[str, Claim],
) -> Iterator[Callable[[Marks, Look], Heard]]:
    """See ``Frontend.oracle``. NNPACK stays out: its convolutions spread NaN over tiles."""
    model, _ = without_lazy_parameters(unwrapped(model), {})
    blind = {name: torch.from_numpy(one.blind) for name, one in claims.items() if one.blind.any()}
    shapes = {node.name: node.shape for node in graph}

    def run(marks: Marks, look: Look) -> Heard:
        seed()
        tensors = made(spec, resolution, model, "cpu")

        def show(name: str, spoilt: Tensor) -> None:
            if shapes.get(name) == tuple(spoilt.shape):
                look(marks, name, spoilt.numpy())

        observer = Observer(
            *recorder_arguments(model),
            blind=blind,
            claims=claims,
            marks_edges=marks.edges,
            show=show,
        )
        for tensor, one in zip(tensors, spec.tensors, strict=True):
            if axis in one.axes and tensor.is_floating_point():
                marked = torch.tensor(marks.coordinates, dtype=torch.int64)
                tensor.index_fill_(one.axes.index(axis), marked, _NAN)
            observer.add_input(tensor, one.axes)
            observer.show(tensor)
        with suppress(Exception), whole_modules(model, observer), watched(observer):
            call(model, spec.form, tensors)
        reached = list(shapes)[: _agreeing(graph, observer)]
        return Heard(frozenset(reached), frozenset(observer.deaf.intersection(shapes)))

    with untouched(model), tensors_swapped(model, "cpu"), torch.backends.nnpack.flags(False):
        yield run


class Observer(Recorder):  # type: ignore[no-untyped-call]
    """A recorder that shows every result, and keeps results fit to be looked at.

    ``blind`` holds, by node name, where only global paths lead; ``marks_edges`` says that
    edges become NaN; ``show`` gets each node's name and where its result is NaN.
    """

    stands_in = False

    def __init__(
        self,
        *arguments: Any,
        blind: Mapping[str, Tensor],
        claims: Mapping[str, Claim],
        marks_edges: bool,
        show: Callable[[str, Tensor], None],
    ) -> None:
        super().__init__(*arguments)
        self.deaf: set[str] = set()
        self._blind = blind
        self._claims = claims
        self._marks_edges = marks_edges
        self._show = show
        self._shown: set[str] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = super().__torch_dispatch__(func, types, args, kwargs)
        if not self._muted:
            self.show(out, args)
        return out

    def leave(self, module: nn.Module, args: Any, out: Any) -> None:
        super().leave(module, args, out)
        if isinstance(module, nn.RNNBase):
            self._muted += 1
            self.show(out, args)
            self._muted -= 1

    def whole(
        self, parameters: Iterable[Tensor], write: Callable[[], None], out: Any, args: Any
    ) -> None:
        super().whole(parameters, write, out, args)
        with self.muted():
            self.show(out, args)

    def show(self, out: Any, args: Any = ()) -> None:
        """Show what the nodes of the tensors in ``out`` have become, each node once.

        What was written to a view has changed the tensor that it is a view of. A cast to whole
        numbers is the node that was cast, and what follows it hears nothing.
        """
        for tensor in chain(*((one, one._base) for one in tensors_in((out,)))):
            if tensor is None:
                continue
            node = self._by_name.get(self._names.get(id(tensor), ""))
            if node is None or tuple(tensor.shape) != node.shape:
                continue
            heard = tensor.is_floating_point() or tensor.is_complex()
            if not heard and (tensor is out or node.name not in self._shown):
                self.deaf.add(node.name)
            elif node.name not in self._shown:
                self._adjust(node, args, tensor)
                self._show(node.name, tensor.isnan())
            self._shown.add(node.name)

    def node(self, name: str) -> Node | None:
        """The node of that name, if this pass came to it."""
        return self._by_name.get(name)

    def _run(self, func: Any, args: Any, kwargs: Any) -> Any:
        used = () if func.is_view else tensors_in((args, kwargs))
        if any(self._names.get(id(tensor)) in self._blind for tensor in used):
            keep = self._cleaned_in_place if func._schema.is_mutable else self._cleaned
            args, kwargs = tree_map_only(Tensor, keep, (args, kwargs))
        name = func._schema.name.removeprefix("aten::").rstrip("_")
        before = [one.isnan() for one in tensors_in(args)] if name in _SWALLOWING else []
        out = func(*args, **kwargs)
        for spoilt in before:
            out.masked_fill_(spoilt, _NAN)
        return out.zero_() if name in _UNWRITTEN else out

    def _called(self, depth: int = 0) -> None:  # noqa: ARG002
        return None

    def _cleaned(self, tensor: Tensor) -> Tensor:
        """The tensor with numbers where only global paths lead."""
        blind = self._blind.get(self._names.get(id(tensor), ""))
        if blind is None or tensor.dim() != blind.dim():
            return tensor
        return torch.where(blind & tensor.isnan(), torch.ones_like(tensor), tensor)

    def _cleaned_in_place(self, tensor: Tensor) -> Tensor:
        clean = self._cleaned(tensor)
        return tensor if clean is tensor else tensor.copy_(clean)

    def _adjust(self, node: Node, args: Any, tensor: Tensor) -> None:
        """Norms undone, sums kept from growing until they overflow, edges marked, the image
        continued by padding along other axes."""
        operation = node.operation
        if node.kind == "unfold" and len(args) == 5:
            tensor.copy_(self._unfolded(node, *args))
        elif isinstance(operation, op.Norm):
            tensor.copy_(args[0])
        elif isinstance(operation, (op.Window, op.Contract)) and tensor.is_floating_point():
            tensor.clamp_(-1, 1)
        claim = self._claims.get(node.name)
        if claim is None:
            return
        for dim, before, after in claim.continued:
            inside = tensor.shape[dim] - before - after
            tensor.narrow(dim, 0, before).copy_(tensor.narrow(dim, before, 1))
            tensor.narrow(dim, before + inside, after).copy_(
                tensor.narrow(dim, before + inside - 1, 1)
            )
        for dim, rows in claim.edges if self._marks_edges else ():
            tensor.index_fill_(dim, torch.tensor(rows, dtype=torch.int64), _NAN)

    def _unfolded(
        self, node: Node, source: Tensor, kernel: Any, dilation: Any, padding: Any, stride: Any
    ) -> Tensor:
        """``im2col`` with its padding adjusted as that of a tensor of its own."""
        while not isinstance(node.operation, op.Pad):
            node = self._by_name[node.operands[0]]
        rows, columns = padding
        padded = nn.functional.pad(self._cleaned(source), (columns, columns, rows, rows))
        self._adjust(node, (), padded)
        return nn.functional.unfold(padded, kernel, dilation, 0, stride)


def _agreeing(graph: Graph, observer: Observer) -> int:
    """How many nodes of the graph the pass came to in the same way, from the first on."""
    for count, node in enumerate(graph):
        found = observer.node(node.name)
        if found is None or (found.shape, found.operation, found.operands) != (
            node.shape, node.operation, node.operands,
        ):  # fmt: skip
            return count
    return len(graph)
