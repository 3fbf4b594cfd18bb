"""Models of JAX in one form: weights without memory, and a function of them and of the input."""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import jax

from rfa_core.frontends.jax.scopes import Scopes, called, interceptor

_FLAGS = {
    "train": False,
    "training": False,
    "is_training": False,
    "deterministic": True,
    "inference": True,
    "use_running_average": True,
}
"""Arguments that ask for evaluation, by the names they have."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight by its path; ``learned`` if it is a parameter, and not a statistic or a key."""

    path: str
    size: int
    learned: bool


@dataclass(frozen=True, slots=True)
class Staged:
    """A model as a jaxpr: its first operands are the ``weights``, then come the inputs.

    ``constants_learned`` says that arrays it closes over are weights, too.
    """

    jaxpr: Any
    weights: tuple[Weight, ...]
    constants_learned: bool = False


class Model(Protocol):
    """What the frontend asks of a model."""

    @property
    def title(self) -> str:
        """Its class, or its name."""

    def staged(self, inputs: Sequence[Any], scopes: Scopes) -> Staged:
        """The model on abstract ``inputs``; raises whatever the model raises."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of arrays, whose weights are what it closes over."""

    call: Callable[..., Any]

    @property
    def title(self) -> str:
        named = getattr(self.call, "func", self.call)
        return getattr(named, "__name__", None) or type(named).__name__

    def staged(self, inputs: Sequence[Any], scopes: Scopes) -> Staged:  # noqa: ARG002
        flags = evaluation(self.call)
        jaxpr = jax.make_jaxpr(lambda *given: self.call(*given, **flags))(*inputs)
        return Staged(jaxpr, (), constants_learned=True)


@dataclass(frozen=True, slots=True)
class Nnx:
    """A module of NNX; what runs is a copy of it in evaluation mode, without memory."""

    model: Any
    _copies: list[Any] = field(default_factory=list)

    @property
    def title(self) -> str:
        return type(self.model).__name__

    def staged(self, inputs: Sequence[Any], scopes: Scopes) -> Staged:
        from flax import nnx

        flags = evaluation(type(self.model).__call__)
        definition, state = nnx.split(self.copy())
        leaves, structure = jax.tree.flatten(state)
        weights = _weights(state, leaves)

        def run(leaves: Any, *given: Any) -> Any:
            model = nnx.merge(definition, jax.tree.unflatten(structure, leaves))
            modules = [(path, one) for path, one in nnx.iter_graph(model) if _is_module(one)]
            paths = {id(one): ".".join(map(str, path)) for path, one in modules}
            with called(scopes, paths, [one for _, one in modules]):
                return model(*given, **flags)

        return Staged(jax.make_jaxpr(run)(leaves, *inputs), weights)

    def copy(self) -> Any:
        """The model in evaluation mode, with shapes in place of arrays; made once."""
        from flax import nnx

        if not self._copies:
            definition, state = nnx.split(self.model)
            other = nnx.merge(definition, jax.tree.map(_abstract, state))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                other.eval()
            self._copies.append(other)
        return self._copies[0]


@dataclass(frozen=True, slots=True)
class Linen:
    """A module of Linen; its weights have the shapes that the input gives them."""

    model: Any

    @property
    def title(self) -> str:
        return type(self.model).__name__

    def staged(self, inputs: Sequence[Any], scopes: Scopes) -> Staged:
        from flax import linen

        flags = evaluation(type(self.model).__call__)
        key = jax.eval_shape(lambda: jax.random.key(0))

        def init(key: Any, *given: Any) -> Any:
            with linen.intercept_methods(interceptor(scopes)):
                return self.model.init(key, *given, **flags)

        variables = jax.eval_shape(init, key, *inputs)
        found, structure = jax.tree_util.tree_flatten_with_path(variables)
        weights = tuple(
            Weight(".".join(map(_key, path[1:])), leaf.size, _key(path[0]) == "params")
            for path, leaf in found
        )
        counted = Scopes()

        def run(leaves: Any, *given: Any) -> Any:
            variables = jax.tree.unflatten(structure, leaves)
            rngs = {name: jax.random.key(0) for name in ("params", "dropout")}
            try:
                with linen.intercept_methods(interceptor(counted)):
                    return self.model.apply(variables, *given, **flags, rngs=rngs, mutable=True)[0]
            finally:
                scopes.failed = counted.failed

        return Staged(jax.make_jaxpr(run)([leaf for _, leaf in found], *inputs), weights)


def adapted(model: object) -> Model:
    """A model of any kind in the form that this frontend reads."""
    if isinstance(model, (Function, Nnx, Linen)):
        return model
    if isinstance(model, _class("flax.nnx", "Module")):
        return Nnx(model)
    if isinstance(model, _class("flax.linen", "Module")):
        return Linen(model)
    assert callable(model)
    return Function(model)


def typed(shape: Sequence[int], dtype: Any) -> Any:
    """An array without memory."""
    return jax.ShapeDtypeStruct(shape, dtype)  # type: ignore[no-untyped-call]


def evaluation(call: Callable[..., Any]) -> dict[str, bool]:
    """The arguments of ``call`` that ask for evaluation, as it names them."""
    try:
        named = inspect.signature(call).parameters
    except (TypeError, ValueError):
        return {}
    return {name: value for name, value in _FLAGS.items() if name in named}


def _class(module: str, name: str) -> tuple[type, ...]:
    """The class as a tuple for ``isinstance``; empty where its module was not imported."""
    found = getattr(sys.modules.get(module), name, None)
    return (found,) if isinstance(found, type) else ()


def _is_module(value: object) -> bool:
    return isinstance(value, _class("flax.nnx", "Module"))


def _abstract(leaf: Any) -> Any:
    shape, dtype = getattr(leaf, "shape", None), getattr(leaf, "dtype", None)
    return leaf if shape is None or dtype is None else typed(shape, dtype)


def _weights(state: Any, leaves: Sequence[Any]) -> tuple[Weight, ...]:
    """What the leaves of a state are: those of each of its variables are found by identity."""
    from flax import nnx

    owners: dict[int, tuple[str, bool]] = {}
    for path, variable in nnx.to_flat_state(state):
        learned = issubclass(_kind(variable), nnx.Param)
        for leaf in jax.tree.leaves(variable):
            owners[id(leaf)] = ".".join(map(str, path)), learned
    return tuple(Weight(owners[id(leaf)][0], leaf.size, owners[id(leaf)][1]) for leaf in leaves)


def _kind(variable: Any) -> type:
    """The class of a variable, of which states of Flax before 0.11 have only a record."""
    recorded = isinstance(variable, _class("flax.nnx", "VariableState"))
    kind: type = variable.type if recorded else type(variable)
    return kind


def _key(entry: Any) -> str:
    """An entry of a path through a tree, whatever it goes into."""
    for name in ("key", "idx", "name"):
        if hasattr(entry, name):
            return str(getattr(entry, name))
    return str(entry)
