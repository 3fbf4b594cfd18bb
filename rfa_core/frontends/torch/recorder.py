"""Recording one forward pass: every ATen operation that depends on the input becomes a node.

Works below autograd, so functional calls, Python loops, in-place operations and modules
that are called several times are all seen as what they do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from math import prod
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from rfa_core.frontends.torch.calls import Call, Frame, StandIn
from rfa_core.frontends.torch.failures import explained
from rfa_core.frontends.torch.recurrent import recurrent
from rfa_core.frontends.torch.shapes import shortcut_of
from rfa_core.frontends.torch.views import overwritten, reread
from rfa_core.frontends.torch.weights import Weights
from rfa_core.graph import operations as op
from rfa_core.graph.model import Location, Node, Shape

Handler = Callable[["Recorder", Call], None]


_TRACE = str(Path(__file__).with_name("trace.py"))
"""Where the forward pass is called from: lines further out are not the model's."""


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """A dispatch mode that writes down what happens to the tensors of ``add_input``.

    ``handler_of`` finds the translation of an ATen call; ``modules`` has the frame of every
    module by ``id(module)``; ``parameters`` maps ``id(tensor)`` of every parameter (as seen
    in the forward pass) to it; ``owners`` has the frames of those that TorchScript owns, which
    calls no hooks; ``lines`` are those that run, outermost first, where it is not Python that
    runs. ``lacks_values`` says that the meta device hid constants that handlers wanted to read;
    ``stands_in`` says that what plugins describe may be computed from that where it cannot run;
    ``reads`` where the model first read a value that depends on the input;
    ``failed`` is the error of the operation that failed last.
    """

    stands_in = True

    def __init__(
        self,
        handler_of: Callable[[Any], Handler],
        modules: Mapping[int, Frame],
        parameters: Mapping[int, Tensor],
        is_project: Callable[[str], bool],
        owners: Mapping[int, Frame] | None = None,
        lines: Callable[[], Sequence[Location]] | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.nodes: list[Node] = []
        self.stack: list[Frame] = [Frame("", "", atomic=False)]
        self.lacks_values = False
        self.reads: tuple[str, Location | None] | None = None
        self.failed: Exception | None = None
        self._owners = owners or {}
        self._lines = lines
        self._handler_of = handler_of
        self._modules = modules
        self._calls: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._by_name: dict[str, Node] = {}
        self._kept: list[Any] = []
        self._weights = Weights(parameters)
        self._is_project = is_project
        self._clock = 0
        self._written: dict[int, int] = {}
        self._bound: dict[int, int] = {}
        self._muted = 0
        self._pending: list[Any] = []
        self._serial = 0

    # The dispatch mode itself.

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        out = self._run(func, args, kwargs)
        if self._muted:
            return out
        tensors = list(tensors_in(args)) + (list(tensors_in(kwargs.values())) if kwargs else [])
        if any(map(self.is_live, tensors)):
            self._pending = tensors
            self._serial += 1
            name, overload = _name(func)
            self._handler_of(func)(self, Call(name, overload, args, kwargs, out))
            if isinstance(out, (bool, int, float, complex)):
                self.read(2)
        else:
            self._weights.follow(tensors, tensors_in((out,)))
        return out

    @property
    def called(self) -> frozenset[str]:
        """The paths of the modules that were called."""
        return frozenset(self._calls)

    def _run(self, func: Any, args: Any, kwargs: Any) -> Any:
        """The result of the operation itself."""
        shortcut = shortcut_of(func)
        out = None if shortcut is None else shortcut(*args, **kwargs)
        if out is not None:
            return out
        try:
            return func(*args, **kwargs)
        except Exception as error:
            stand_in = self._handler_of(func)
            if isinstance(stand_in, StandIn):
                return stand_in.result(args, kwargs)
            live = any(map(self.is_live, tensors_in(args)))
            self.failed = explained(func, args, kwargs, error, live)
            raise self.failed from error

    # What handlers use.

    def is_live(self, value: Any) -> bool:
        """Whether ``value`` is a tensor that depends on the input."""
        if not isinstance(value, Tensor):
            return False
        if id(value) in self._names:
            return True
        return bool(self._written) and self._overwritten_base(value) is not None

    def is_learned(self, tensor: Tensor) -> bool:
        """Whether a constant was computed from parameters."""
        return bool(self._weights.sources(tensor))

    def add_input(self, tensor: Tensor, axes: tuple[int | None, ...]) -> None:
        self._bind(tensor, self._write(op.Input(axes), (), tuple(tensor.shape), "input"))

    def operand(self, tensor: Tensor) -> str:
        """The node of ``tensor``; constants get one when they are first used as operands."""
        base = self._overwritten_base(tensor) if self._written else None
        if base is not None:
            self._bind(tensor, reread(self, tensor, base, self._names[id(base)]))
            return self._names[id(tensor)]
        known = self._names.get(id(tensor))
        return self._constant(tensor) if known is None else known

    def step(
        self,
        operation: op.Operation,
        operands: Iterable[str],
        shape: Iterable[int],
        kind: str,
        weighted: bool = False,
        macs: int = 0,
    ) -> str:
        """A node that is only a part of an ATen call."""
        return self._write(operation, tuple(operands), tuple(shape), kind, weighted, macs)

    def shape(self, name: str) -> Shape:
        return self._by_name[name].shape

    def merged_lead(self, names: list[str], merged: int) -> tuple[list[str], Shape, int] | None:
        """The operands before PyTorch merged their leading dimensions into ``merged`` ones.

        Products are computed on matrices, so a linear layer over ``[N, H, W, C]`` arrives as
        one over ``[N*H*W, C]``. Returns the operands before that, the sizes that were merged
        and ``merged``; None if the operands were not made by the same merge.
        """
        sources = [self._unmerged(name, merged) for name in names] if merged else []
        if not sources or None in sources:
            return None
        found = [source for source in sources if source is not None]
        leads = {lead for _, lead in found}
        return ([name for name, _ in found], leads.pop(), merged) if len(leads) == 1 else None

    def _unmerged(self, name: str, merged: int) -> tuple[str, Shape] | None:
        node = self._by_name[name]
        if not isinstance(node.operation, op.Reshape):
            return None
        source = self._by_name[node.operands[0]]
        tail = len(node.shape) - merged
        lead = len(source.shape) - tail
        if lead <= merged or source.shape[lead:] != node.shape[merged:]:
            return None
        return source.name, source.shape[:lead]

    def emit(
        self,
        out: Tensor,
        operation: op.Operation,
        operands: Iterable[str],
        kind: str,
        weighted: bool = False,
        macs: int = 0,
    ) -> None:
        """The node that makes ``out``."""
        names = tuple(operands)
        if isinstance(operation, op.Reshape) and (known := self._undone(names[0], out)):
            self._bind(out, known)
            return
        name = self._write(
            operation, names, tuple(out.shape), kind, weighted, macs, out.element_size()
        )
        self._bind(out, name)

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Nothing is recorded while inside."""
        self._muted += 1
        try:
            yield
        finally:
            self._muted -= 1

    def whole(
        self,
        parameters: Iterable[Tensor],
        write: Callable[[], None],
        out: Any,  # noqa: ARG002
        args: Any,  # noqa: ARG002
    ) -> None:
        """A module that was muted made ``out`` of ``args``: ``write`` writes it down."""
        self._pending = list(parameters)
        self._serial += 1
        write()

    def outputs(self, result: object) -> tuple[str, ...]:
        """The nodes of what the model returned; the last node if that says nothing."""
        if is_dataclass(result):
            result = [getattr(result, entry.name) for entry in fields(result)]
        names = (self._names.get(id(tensor)) for tensor in tensors_in((result,)))
        found = tuple(dict.fromkeys(name for name in names if name is not None))
        return found or (self.nodes[-1].name,)

    def live_nodes(self, outputs: Iterable[str]) -> list[Node]:
        """The nodes without reshapes that nothing reads."""
        kept: list[Node] = []
        used = set(outputs)
        for node in reversed(self.nodes):
            if node.name in used or not isinstance(node.operation, op.Reshape):
                kept.append(node)
                used.update(node.operands)
        return kept[::-1]

    def alias(self, out: Any, name: str) -> None:
        """``out`` is what node ``name`` made: copies, casts and views of everything."""
        for tensor in tensors_in((out,)):
            self._bind(tensor, name)

    def read(self, depth: int = 1) -> None:
        """A value that depends on the input has been read; ``depth`` frames below the model."""
        if self.reads is None:
            self.reads = self.stack[-1].path, self._called(depth + 1)

    def forget(self, tensor: Tensor) -> None:
        """``tensor`` is a constant from now on."""
        self._names.pop(id(tensor), None)

    def wrote(self, tensor: Tensor, kind: str) -> None:
        """``tensor`` was written in place: whatever shares its memory has changed, too."""
        self._clock += 1
        base = tensor._base
        if base is None:
            self._written[id(tensor)] = self._bound[id(tensor)] = self._clock
            return
        value = self._names.get(id(tensor))
        if value is None and id(base) not in self._names:
            return
        operands = self.operand(base), value or self._constant(tensor)
        self._bind(base, overwritten(self, tensor, base, operands, kind))
        self._written[id(base)] = self._bound[id(base)] = self._bound[id(tensor)] = self._clock

    def _overwritten_base(self, view: Tensor) -> Tensor | None:
        """What ``view`` is a view of, if that was written to since ``view`` was made."""
        base = view._base
        if base is None or id(base) not in self._names:
            return None
        return base if self._written.get(id(base), -1) > self._bound.get(id(view), -1) else None

    # Modules, by way of PyTorch's global forward hooks.

    def enter(self, module: nn.Module, _args: Any) -> None:
        known = self._modules.get(id(module))
        if known is None:
            known = Frame(self.stack[-1].path, type(module).__name__, atomic=False)
        call = self._calls.get(known.path, 0)
        self._calls[known.path] = call + 1
        self.stack.append(
            Frame(known.path, known.type, known.atomic, call, known.constructed, id(module))
        )
        if isinstance(module, nn.RNNBase):
            self._muted += 1

    def leave(self, module: nn.Module, args: Any, out: Any) -> None:
        if isinstance(module, nn.RNNBase):
            self._muted -= 1
            if live := [tensor for tensor in tensors_in(args) if self.is_live(tensor)]:
                self._pending = list(module.parameters())
                recurrent(self, module, args[0], live, out)
        while self.stack.pop().module != id(module):
            pass  # a call inside raised, and the model went on

    # Inside.

    def _undone(self, name: str, out: Tensor) -> str | None:
        """What ``name`` was reshaped from, if ``out`` has that shape again."""
        node = self._by_name[name]
        while isinstance(node.operation, op.Reshape):
            node = self._by_name[node.operands[0]]
            if node.shape == tuple(out.shape):
                return node.name
        return None

    def _constant(self, tensor: Tensor) -> str:
        self._kept.append(tensor)
        return self._write(op.Constant(), (), tuple(tensor.shape), "constant")

    def _bind(self, tensor: Tensor, name: str) -> None:
        self._names[id(tensor)] = name
        self._bound[id(tensor)] = self._clock
        self._kept.append(tensor)

    def _write(
        self,
        operation: op.Operation,
        operands: tuple[str, ...],
        shape: Shape,
        kind: str,
        weighted: bool = False,
        macs: int = 0,
        item: int = 4,
    ) -> str:
        name = f"{kind}_{len(self.nodes)}"
        frame = self._running()
        called = self._called(3)
        layer, type_, constructed = frame.identity(kind, self._serial, called)
        self.nodes.append(
            Node(
                name,
                operation,
                operands,
                shape,
                layer,
                kind,
                type_,
                weighted,
                frame.call,
                self._weights.count(self._pending),
                macs,
                prod(shape) * item,
                constructed,
                called,
            )
        )
        self._by_name[name] = self.nodes[-1]
        return name

    def _running(self) -> Frame:
        """The module that runs; inside TorchScript, the one whose weights are used."""
        if not self._owners:
            return self.stack[-1]
        keys = (key for tensor in self._pending for key in self._weights.sources(tensor))
        owner = next((self._owners[key] for key in keys if key in self._owners), None)
        if owner is None:
            return self.stack[-1]
        if owner.serial != self._serial:
            owner.serial, owner.call = self._serial, self._calls.get(owner.path, 0)
            self._calls[owner.path] = owner.call + 1
        return owner

    def _called(self, depth: int) -> Location | None:
        """The innermost line of the project that is running inside the forward pass."""
        if self._lines is not None:
            own = [line for line in self._lines() if self._is_project(line.file)]
            return own[-1] if own else None
        frame = sys._getframe(depth)
        while frame is not None and frame.f_code.co_filename != _TRACE:
            if self._is_project(frame.f_code.co_filename):
                return Location(frame.f_code.co_filename, frame.f_lineno)
            frame = frame.f_back  # type: ignore[assignment]
        return None


def tensors_in(values: Iterable[Any]) -> Iterable[Tensor]:
    """The tensors among ``values`` and inside lists, tuples and dictionaries of them."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from tensors_in(value)
        elif isinstance(value, dict):
            yield from tensors_in(value.values())


def _name(func: Any) -> tuple[str, str]:
    namespace, _, rest = func.name().partition("::")
    name, _, overload = rest.partition(".")
    return (name if namespace == "aten" else f"{namespace}::{name}"), overload
