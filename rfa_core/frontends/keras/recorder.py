"""Recording one symbolic call of a model: what depends on its input becomes a node.

Known layers are translated as they are, operations of ``keras.ops`` too; of all other layers
their own ``call`` runs on symbolic tensors. Nothing is computed, whatever the backend.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import prod
from pathlib import Path
from types import FrameType
from typing import Any

import keras

from rfa_core.errors import TraceError
from rfa_core.frontends.described import DescriptionError
from rfa_core.frontends.draft import Draft, Origin
from rfa_core.frontends.keras.calls import Call, Frame, snake
from rfa_core.frontends.keras.described import DescribedCall
from rfa_core.frontends.keras.registry import arguments, handler_of, is_library
from rfa_core.frontends.keras.splicing import refusal, spliced
from rfa_core.frontends.keras.symbols import symbols_pass
from rfa_core.graph import operations as op
from rfa_core.graph.model import Location

Constructed = Mapping[int, tuple[Location, ...]]
_TRACE = str(Path(__file__).with_name("trace.py"))
"""Where the model is called from: lines further out are not the model's."""


class DataDecideError(RuntimeError):
    """Data decide how large a result is."""


class Recorder:
    """Writes down what happens to the tensors of ``add_input``.

    ``constructed`` has the lines that made each operation, by ``id``. ``failed`` is the error
    that ended the call, and ``where`` the path of the layer in which it did.
    """

    def __init__(self, constructed: Constructed, is_project: Callable[[str], bool]) -> None:
        self.draft = Draft("/")
        self.failed: BaseException | None = None
        self.where = ""
        self._constructed = constructed
        self._is_project = is_project
        self._frames: list[Frame] = []
        self._names: dict[int, str] = {}
        self._kept: list[Any] = []
        self._paths: dict[int, str] = {}
        self._taken: dict[str, int] = {}
        self._calls: dict[int, int] = {}
        self._wired: dict[int, tuple[Any, int, int]] = {}
        self._counted: set[int] = set()
        self._learned: set[int] = set()
        self._muted = False

    # What handlers use.

    def is_live(self, value: Any) -> bool:
        """Whether ``value`` is a tensor that depends on the input."""
        return id(value) in self._names

    def is_learned(self, value: Any) -> bool:
        """Whether ``value`` is a variable that training changes."""
        return id(value) in self._learned

    def have_counted(self, variables: Iterable[Any]) -> None:
        """The parameters of ``variables`` stand in the nodes that were written."""
        self._counted.update(map(id, variables))

    def operand(self, value: Any) -> str:
        """The node of a tensor; constants get one when they are first used."""
        if id(value) not in self._names:
            shape = tuple(getattr(value, "shape", ()))
            return self.draft.constant(shape)
        return self._names[id(value)]

    def bind(self, tensor: Any, name: str) -> None:
        """``tensor`` is what node ``name`` made."""
        self._names[id(tensor)] = name
        self._kept.append(tensor)

    def add_input(self, tensor: Any, axes: tuple[int | None, ...]) -> None:
        """``tensor`` is fed to the model, its dimensions along ``axes``."""
        self.bind(tensor, self.draft.add(op.Input(axes), (), tensor.shape, "input"))

    def symbol(self, shape: Sequence[int], name: str, like: Any) -> Any:
        """A symbolic tensor of the type of ``like`` for node ``name``."""
        tensor = keras.KerasTensor(tuple(shape), dtype=like.dtype)
        self.bind(tensor, name)
        return tensor

    def applied(self, function: Callable[..., Any] | None, name: str, like: Any) -> str:
        """``function`` (an activation) on node ``name``; no function leaves it as it is."""
        if function is None:
            return name
        shape = self.draft.shape(name)
        try:
            return self.operand(function(self.symbol(shape, name, like)))
        except Exception as error:
            reason = refusal(getattr(function, "__name__", type(function).__name__), error)
            return self.draft.add(op.Unknown(reason), [name], shape, "activation")

    @contextmanager
    def muted(self) -> Iterator[None]:
        """What Keras calls meanwhile is not recorded."""
        before, self._muted = self._muted, True
        try:
            yield
        finally:
            self._muted = before

    def outputs(self, result: Any) -> tuple[str, ...]:
        """The nodes of what the model returned; the last node if that says nothing."""
        tensors = keras.tree.flatten(result)
        found = dict.fromkeys(self._names[id(one)] for one in tensors if self.is_live(one))
        return tuple(found) or (self.draft.nodes[-1].name,)

    # The interception.

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Every call of a Keras operation in this thread passes through this recorder."""
        thread = threading.get_ident()
        kept = keras.Operation.__call__, keras.Operation.symbolic_call

        def called(operation: Any, *args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != thread or not self._hears(args, kwargs):
                return kept[0](operation, *args, **kwargs)
            return self._called(operation, args, kwargs)

        def called_on_symbols(operation: Any, *args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != thread or not self._hears(args, kwargs):
                return kept[1](operation, *args, **kwargs)
            return self._called(operation, args, kwargs)

        keras.Operation.__call__ = called
        keras.Operation.symbolic_call = called_on_symbols
        try:
            with symbols_pass():
                yield
        finally:
            keras.Operation.__call__, keras.Operation.symbolic_call = kept
            self._unwire()

    def _hears(self, args: Any, kwargs: Any) -> bool:
        if self._muted:
            return False
        return any(map(self.is_live, keras.tree.flatten([list(args), kwargs])))

    def _called(self, operation: Any, args: Any, kwargs: Any) -> Any:
        is_layer = isinstance(operation, keras.Layer)
        if is_layer and type(operation).__name__ != "InputLayer":
            self._remember_wires(operation)
            with self._running(operation):
                out = self._translated(operation, args, kwargs, is_layer=True)
                self._count_rest()
            return out
        return self._translated(operation, args, kwargs, is_layer=False)

    def _translated(self, operation: Any, args: Any, kwargs: Any, *, is_layer: bool) -> Any:
        handler = handler_of(operation, is_layer=is_layer)
        if handler is None and not is_layer and is_library(type(operation)):
            handler = _unknown
        try:
            if handler is None:
                return self._inside(operation, args, kwargs)
            return self._written(operation, args, kwargs, handler)
        except Exception as error:
            if self.failed is not error:
                self.failed, self.where = error, self._frames[-1].path if self._frames else ""
            raise

    def _inside(self, operation: Any, args: Any, kwargs: Any) -> Any:
        """The operation's own ``call``; where that refuses symbols, the operation as a whole."""
        kept = len(self.draft.nodes)
        try:
            return operation.call(*args, **kwargs)
        except Exception as error:
            if isinstance(error, DataDecideError) or self._fails_anyway(operation, args, kwargs):
                raise
            self.draft.forget(kept)
            if self._frames:
                del self._frames[-1].own[:]
            self.failed = None
            refused = error
        return self._written(operation, args, kwargs, lambda call: spliced(call, refused))

    def _fails_anyway(self, operation: Any, args: Any, kwargs: Any) -> bool:
        """Whether Keras itself cannot say what the operation makes of its arguments."""
        try:
            self._specified(operation, args, kwargs)
        except Exception:
            return True
        return False

    def _specified(self, operation: Any, args: Any, kwargs: Any) -> Any:
        with self.muted():
            return operation.compute_output_spec(*args, **kwargs)

    def _result(self, operation: Any, args: Any, kwargs: Any, handler: Any) -> Any:
        """Tensors of the shapes that Keras specifies; if it cannot, those that a plugin says."""
        try:
            return self._specified(operation, args, kwargs)
        except Exception as error:
            if not isinstance(handler, DescribedCall):
                raise
            live = next(filter(self.is_live, keras.tree.flatten([list(args), kwargs])))
            try:
                shape = handler.result(operation, tuple(live.shape))
            except DescriptionError:
                raise error from None
            return keras.KerasTensor(shape, dtype=live.dtype)

    def _written(self, operation: Any, args: Any, kwargs: Any, handler: Any) -> Any:
        values = arguments(operation, args, kwargs)
        out = self._result(operation, args, kwargs, handler)
        call = Call(self, operation, values, out)
        for tensor in call.outs:
            if None in tuple(tensor.shape):
                raise DataDecideError(f"data decide how large the result of {call.kind} is")
        self.draft.origin = self._origin(operation)
        kept = len(self.draft.nodes)
        made = handler(call)
        names = [made] if isinstance(made, str) else list(made)
        self._check(call, names)
        self._own(node.name for node in self.draft.nodes[kept:])
        self._count(keras.tree.flatten(list(values.values())), kept)
        for tensor, name in zip(call.outs, names, strict=True):
            self.bind(tensor, name)
        return call.out

    def _check(self, call: Call, names: Sequence[str]) -> None:
        made = [self.draft.shape(name) for name in names]
        expected = [tuple(one.shape) for one in call.outs]
        if made != expected:
            raise TraceError(
                f"{type(call.operation).__name__}: read as {made}, Keras says {expected}",
                "this is a mistake of pytest-rfa: please report the model",
            )

    # Layers.

    @contextmanager
    def _running(self, layer: Any) -> Iterator[None]:
        path = self._path(layer)
        self._learned.update(map(id, learned(layer)))
        count = self._calls.get(id(layer), 0)
        self._calls[id(layer)] = count + 1
        self._frames.append(
            Frame(
                layer,
                path,
                type(layer).__name__,
                _is_atomic(layer),
                count,
                self._constructed.get(id(layer), ()),
            )
        )
        try:
            yield
        finally:
            self._frames.pop()

    def _path(self, layer: Any) -> str:
        """The names of the layers around it and its own, made unique."""
        if id(layer) not in self._paths:
            self._kept.append(layer)
            around = self._frames[-1].path if self._frames else ""
            outermost = not self._frames and not _is_atomic(layer)
            name = "" if outermost else "/".join(filter(None, (around, layer.name)))
            count = self._taken[name] = self._taken.get(name, 0) + 1
            self._paths[id(layer)] = name if count == 1 else f"{name}_{count}"
        return self._paths[id(layer)]

    def _origin(self, operation: Any) -> Origin:
        """An operation in a layer of layers has a line of its own; else it is its layer's."""
        frame, called = self._frames[-1], self._line()
        if frame.atomic:
            return Origin(frame.path, frame.type, frame.call, frame.constructed, called)
        own = self._constructed.get(id(operation)) or ((called,) if called else frame.constructed)
        return Origin(frame.path, "", frame.call, own, called, atomic=False)

    def _line(self) -> Location | None:
        """The innermost line of the project that runs, if any."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != _TRACE:
            if self._is_project(frame.f_code.co_filename):
                return Location(frame.f_code.co_filename, frame.f_lineno)
            frame = frame.f_back
        return None

    # Parameters, each counted once.

    def _own(self, names: Iterable[str]) -> None:
        if self._frames:
            known = set(self._frames[-1].own)
            self._frames[-1].own += [name for name in names if name not in known]

    def _count(self, operands: Iterable[Any], kept: int) -> None:
        new = self.draft.nodes[kept:]
        if new:
            weighted = [node.name for node in new if node.weighted]
            self._add_parameters(weighted[0] if weighted else new[-1].name, operands)

    def _count_rest(self) -> None:
        """What the layer holds and no operation was seen to use, on its first node of weight."""
        frame = self._frames[-1]
        if not frame.own:
            return
        weighted = [name for name in frame.own if self._weighted(name)]
        self._add_parameters((weighted or frame.own)[0], learned(frame.layer))

    def _weighted(self, name: str) -> bool:
        return self.draft.node(name).weighted

    def _add_parameters(self, name: str, candidates: Iterable[Any]) -> None:
        fresh = [one for one in candidates if self.is_learned(one) and id(one) not in self._counted]
        self._counted.update(map(id, fresh))
        if fresh:
            self.draft.count(name, sum(prod(one.shape) for one in fresh))

    # The model is left as it was found: Keras wires every symbolic call into its layers.

    def _remember_wires(self, layer: Any) -> None:
        if id(layer) not in self._wired:
            kept = len(layer._inbound_nodes), len(layer._outbound_nodes)
            self._wired[id(layer)] = (layer, *kept)

    def _unwire(self) -> None:
        for layer, inbound, outbound in self._wired.values():
            del layer._inbound_nodes[inbound:]
            del layer._outbound_nodes[outbound:]


def learned(layer: Any) -> list[Any]:
    """The variables of the layer itself, and of the layers inside a layer read as a whole."""
    layers = layer._flatten_layers() if _is_whole(layer) else [layer]
    return [variable for one in layers for variable in one._trainable_variables]


def _is_whole(layer: Any) -> bool:
    return handler_of(layer, is_layer=True) is not None


def _is_atomic(layer: Any) -> bool:
    """A layer of Keras (or a subclass of one) without layers inside, or read as a whole."""
    if _is_whole(layer):
        return True
    if list(layer._flatten_layers(include_self=False)):
        return False
    bases = (keras.Layer, keras.Operation)
    return any(
        is_library(base)
        and base not in bases
        and issubclass(base, keras.Layer)
        and base.__module__ != keras.Layer.__module__
        for base in type(layer).__mro__
    )


def _unknown(call: Call) -> Sequence[str]:
    """An operation of Keras that this version does not know: only a bound."""
    reason = f"keras.ops: {snake(type(call.operation).__name__)} is not known to this version"
    operands = list(call.operands())
    return [call.draft.add(op.Unknown(reason), operands, one.shape, call.kind) for one in call.outs]
