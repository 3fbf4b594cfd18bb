"""The builder of JAX models: abstract values in place of weights, where the factory allows it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax

from rfa_core.discovery.arguments import SUPPLIED_BY_JAX
from rfa_core.discovery.failures import FailedBuildError, summary
from rfa_core.graph.model import Location

Lines = Mapping[int, tuple[Location, ...]]


def build_jax(
    call: Callable[[], object], name: str, _root: str
) -> tuple[object, Lines, tuple[str, ...]]:
    """Run ``call``; returns the model, no construction lines, and notes.

    Modules of NNX are made of abstract values; where the constructor needs numbers, of real ones.
    Modules of Linen have no weights yet, functions have those that they close over. Sources of
    random numbers that the factory requires are passed. Raises FailedBuildError when it returns
    no model, and whatever it raises.
    """
    run = _supplied(call)
    notes: tuple[str, ...] = ()
    try:
        model = _abstract(run)
    except Exception as error:
        model, why = run(), summary(error)
        if isinstance(model, _nnx_module()):
            notes = (f"built with weights, since abstract values were refused: {why}",)
    if not callable(model) or isinstance(model, type):
        raise FailedBuildError(
            f"{name} returns {_described(model)}, not a model",
            "a factory has to return one module of Flax, or a function of arrays",
        )
    return model, {}, notes


def _abstract(run: Callable[[], object]) -> object:
    """The model without memory; of what is no NNX module what ``run`` returns."""
    if "flax.nnx" not in sys.modules:
        return run()
    from flax import nnx

    made: list[object] = []

    def keep() -> object:
        made.append(run())
        return made[0] if isinstance(made[0], nnx.Module) else None

    abstract = nnx.eval_shape(keep)
    return run() if abstract is None else abstract


def _supplied(call: Callable[[], object]) -> Callable[[], object]:
    """``call`` with the sources of random numbers that it requires."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return call
    wanted = [
        one.name
        for one in parameters
        if one.name in SUPPLIED_BY_JAX and one.default is inspect.Parameter.empty
    ]
    return lambda: partial(call, **{name: _source(name) for name in wanted})()


def _source(name: str) -> Any:
    if name == "rngs":
        from flax import nnx

        return nnx.Rngs(0)
    return jax.random.key(0)


def _nnx_module() -> tuple[type, ...]:
    found = getattr(sys.modules.get("flax.nnx"), "Module", None)
    return (found,) if isinstance(found, type) else ()


def _described(made: object) -> str:
    if isinstance(made, type):
        return f"the class {made.__name__}"
    return "None" if made is None else f"a {type(made).__name__}"
