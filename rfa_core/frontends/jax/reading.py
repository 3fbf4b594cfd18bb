"""Reading a jaxpr: every equation that depends on the input becomes nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rfa_core.frontends.described import Described, Description
from rfa_core.frontends.draft import Draft, Origin
from rfa_core.frontends.jax.equations import Equation, Value
from rfa_core.frontends.jax.scopes import Frame, frame_of
from rfa_core.frontends.jax.values import Fixed, computed
from rfa_core.graph import operations as op
from rfa_core.graph.model import Location

Handler = Callable[["Reader", Equation], Value | Sequence[Value]]

_INNER = ("jaxpr", "call_jaxpr", "fun_jaxpr")


class Reader:
    """Writes a jaxpr to a ``draft``; ``handler_of`` finds the translation of a primitive.

    ``sizes`` are the numbers of learned parameters per weight, each counted where it is used
    first; ``constructed`` the lines that built a module, by its path. Lines of a traceback outside
    of the file ``boundary`` are not the model's.
    """

    def __init__(
        self,
        handler_of: Callable[[str], Handler | None],
        sizes: Mapping[int, int],
        constructed: Mapping[str, tuple[Location, ...]],
        is_project: Callable[[str], bool],
        boundary: str,
    ) -> None:
        self.draft = Draft()
        self.sparse = False
        self.parameters = sum(sizes.values())
        self._handler_of = handler_of
        self._sizes = dict(sizes)
        self._constructed = constructed
        self._is_project = is_project
        self._boundary = boundary
        self._frame = Frame()
        self._lines: tuple[Location, ...] = ()
        self._function: Origin | None = None

    def run(self, jaxpr: Any, constants: Sequence[Value], inputs: Sequence[Value]) -> list[Value]:
        """The results of a jaxpr (not a closed one) on ``inputs``."""
        env: dict[Any, Value] = {}
        env.update(zip(jaxpr.constvars, constants, strict=True))
        env.update(zip(jaxpr.invars, inputs, strict=True))
        outer = self._frame, self._lines
        for frame, group in groupby(jaxpr.eqns, lambda eqn: self._frame_of(eqn, outer[0])):
            self._frame = frame
            eqns = list(group)
            if frame == outer[0] or not self._whole(eqns, env, jaxpr):
                for eqn in eqns:
                    self._lines = self._lines_of(eqn) or outer[1]
                    self._equation(eqn, env)
        self._frame, self._lines = outer
        return [_read(env, var) for var in jaxpr.outvars]

    def inner(self, closed: Any, inputs: Sequence[Value]) -> list[Value]:
        """The results of a jaxpr inside of an equation.

        JAX keeps what it traced of a library's function, with the lines of its first call: there
        the line is that of the equation.
        """
        jaxpr = getattr(closed, "jaxpr", closed)
        constants = [known(one) for one in getattr(closed, "consts", ())]
        own = self._is_project(_file_of(jaxpr.debug_info))
        outer, self._is_project = self._is_project, self._is_project if own else _nowhere
        found = self.run(jaxpr, constants, inputs)
        self._is_project = outer
        return found

    def node(self, value: Value) -> str:
        """The node of a value; what is fixed gets one."""
        return value if isinstance(value, str) else self.draft.constant(value.shape)

    def shape(self, value: Value) -> tuple[int, ...]:
        return self.draft.shape(value) if isinstance(value, str) else value.shape

    def is_learned(self, value: Value) -> bool:
        """Whether a value is made of weights alone."""
        return isinstance(value, Fixed) and bool(value.sources)

    def unknown(self, eqn: Equation, reason: str = "") -> list[Value]:
        """Not understood: every result is only a bound, and says which operation made it so."""
        text = reason or f"the operation {eqn.name} is not understood"
        return [self.draft.add(op.Unknown(text), eqn.live, out.shape, eqn.name) for out in eqn.outs]

    def sampled(self, eqn: Equation, reason: str) -> list[Value]:
        """Data decide which positions the results read."""
        return [
            self.draft.add(op.Sample(reason), eqn.live, out.shape, eqn.name) for out in eqn.outs
        ]

    # Inside.

    def _equation(self, eqn: Any, env: dict[Any, Value]) -> None:
        inputs = tuple(_read(env, var) for var in eqn.invars)
        fixed = [one for one in inputs if isinstance(one, Fixed)]
        if len(fixed) == len(inputs):
            env.update(zip(eqn.outvars, computed(eqn, fixed), strict=True))
            return
        name = eqn.primitive.name
        asked = Equation(name, inputs, eqn.params, tuple(var.aval for var in eqn.outvars))
        self._begin(fixed, asked)
        outer, self._function = self._function, self._function or self._function_of(eqn)
        self.draft.origin = self._function or self._origin()
        handler = self._handler_of(name)
        found = self.unknown(asked) if handler is None else handler(self, asked)
        self._function = outer
        results = [found] if isinstance(found, (str, Fixed)) else found
        env.update(zip(eqn.outvars, results, strict=True))

    def _begin(self, fixed: Sequence[Fixed], asked: Equation) -> None:
        used = frozenset().union(*(one.sources for one in fixed))
        self.draft.pending += sum(self._sizes.pop(source, 0) for source in used)
        self.draft.item = getattr(asked.outs[0].dtype, "itemsize", 4) if asked.outs else 4

    def _whole(self, eqns: Sequence[Any], env: dict[Any, Value], jaxpr: Any) -> bool:
        """A module that is not looked into, if it can be written so."""
        if self._frame.said is not None:
            return self._described(eqns, env, jaxpr, *self._frame.said)
        return self._frame.norm and self._norm(eqns, env)

    def _described(
        self,
        eqns: Sequence[Any],
        env: dict[Any, Value],
        jaxpr: Any,
        described: Described,
        said: Description,
    ) -> bool:
        """A module that a plugin describes: whatever leaves it, it makes of what comes in first."""
        made = {var for eqn in eqns for var in eqn.outvars}
        own = set(map(id, eqns))
        rest = [var for eqn in jaxpr.eqns if id(eqn) not in own for var in eqn.invars]
        out = [
            var for var in dict.fromkeys(filter(_is_var, (*rest, *jaxpr.outvars))) if var in made
        ]
        reads = [_read(env, var) for eqn in eqns for var in eqn.invars if _is_outer(var, made)]
        live = list(dict.fromkeys(value for value in reads if isinstance(value, str)))
        if not live or not out:
            return False
        self._enter(eqns, reads, out[0])
        shapes = [tuple(var.aval.shape) for var in out]
        names = described.written(self.draft, said, live, shapes, self._frame.type)
        env.update((var, Fixed(var.aval)) for var in made)
        env.update(zip(out, names, strict=True))
        return True

    def _enter(self, eqns: Sequence[Any], reads: Sequence[Value], out: Any) -> None:
        """What is written next stands for all of ``eqns``."""
        self._lines = self._lines_of(eqns[0]) or self._lines
        fixed = [value for value in reads if isinstance(value, Fixed)]
        self._begin(fixed, Equation("", (), {}, (out.aval,)))
        self.draft.origin = self._origin()

    def _norm(self, eqns: Sequence[Any], env: dict[Any, Value]) -> bool:
        """A norm of Flax in one node, if it has one input and results of the same shape."""
        made = {var for eqn in eqns for var in eqn.outvars}
        reads = {var: _read(env, var) for eqn in eqns for var in eqn.invars if _is_outer(var, made)}
        live = [(var, value) for var, value in reads.items() if isinstance(value, str)]
        if len({value for _, value in live}) != 1:
            return False
        name = live[0][1]
        shape = self.draft.shape(name)
        dims = sorted({dim for eqn in eqns for dim in _reduced(eqn, len(shape))})
        last = eqns[-1].outvars[0]
        if tuple(last.aval.shape) != shape:
            return False
        self._enter(eqns, list(reads.values()), last)
        kind = self._frame.type
        env.update((var, Fixed(var.aval)) for var in made)
        env[last] = self.draft.add(op.Norm(tuple(dims)), [name], shape, kind)
        return True

    def _origin(self) -> Origin:
        """Modules that are made where they are called have the lines of the call."""
        frame, called = self._frame, self._lines[-1:]
        lines = self._constructed.get(frame.path)
        if lines is None:
            lines = self._lines
        elif not frame.atomic:
            lines = (*lines, *called)
        line = called[0] if called else None
        return Origin(frame.path, frame.type, frame.call, lines, line, frame.atomic)

    def _function_of(self, eqn: Any) -> Origin | None:
        """A function of a library as a layer of its own: ``block.relu`` for what it is made of."""
        name = eqn.params.get("name")
        inner = next((eqn.params[key] for key in _INNER if key in eqn.params), None)
        if self._frame.atomic or not isinstance(name, str) or inner is None:
            return None
        if self._is_project(_file_of(getattr(inner, "jaxpr", inner).debug_info)):
            return None
        kind = name.strip("_<>") or "function"
        self.draft.origin = self._origin()
        return self.draft.layer_of_its_own(kind)

    def _frame_of(self, eqn: Any, outer: Frame) -> Frame:
        """The innermost module in the name stack."""
        for scope in reversed(eqn.source_info.name_stack.stack):
            frame = frame_of(scope.name) if hasattr(scope, "name") else None
            if frame is not None:
                return frame
        return outer

    def _lines_of(self, eqn: Any) -> tuple[Location, ...]:
        """The lines of the project that led to an equation, inside the model, outermost first."""
        found: list[Location] = []
        for frame in getattr(eqn.source_info.traceback, "frames", ()):
            if frame.file_name == self._boundary:
                break
            if self._is_project(frame.file_name):
                found.append(Location(frame.file_name, frame.line_num))
        return tuple(dict.fromkeys(reversed(found)))


def known(value: Any, sources: frozenset[int] = frozenset()) -> Fixed:
    """An array that a jaxpr closes over."""
    aval = value if hasattr(value, "shape") and hasattr(value, "dtype") else _typed(value)
    return Fixed(aval, sources, lambda: value)


def _typed(value: Any) -> Any:
    import jax

    return jax.typeof(value)


def _read(env: Mapping[Any, Value], var: Any) -> Value:
    if hasattr(var, "val"):
        value = var.val
        return Fixed(var.aval, frozenset(), lambda: value)
    return env[var]


def _is_outer(var: Any, made: set[Any]) -> bool:
    return _is_var(var) and var not in made


def _is_var(var: Any) -> bool:
    return not hasattr(var, "val")


def _nowhere(_file: str) -> bool:
    return False


def _reduced(eqn: Any, rank: int) -> Iterator[int]:
    """The dimensions that statistics are taken over; channels may be split into groups."""
    axes = eqn.params.get("axes")
    if axes is not None and eqn.primitive.name.startswith("reduce"):
        yield from (min(axis, rank - 1) for axis in axes)
    for key in _INNER:
        inner = eqn.params.get(key)
        for one in getattr(getattr(inner, "jaxpr", inner), "eqns", ()):
            yield from _reduced(one, rank)


def _file_of(info: Any) -> str:
    """The file of a function; before JAX 0.6 it stands in a text, as ``relu at nn.py:12``."""
    if hasattr(info, "func_filename"):
        return str(info.func_filename)
    return str(getattr(info, "func_src_info", "")).rpartition(" at ")[2].rpartition(":")[0]
