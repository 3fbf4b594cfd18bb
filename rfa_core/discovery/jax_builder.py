"""The builder of JAX models: abstract values in place of weights, where the factory allows it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import jax

from rfa_core.discovery.arguments import SUPPLIED_BY_JAX
from rfa_core.discovery.construction import Stack, recording
from rfa_core.discovery.failures import no_model, summary
from rfa_core.discovery.stand_ins import DownloadRefusedError, no_network

Result = tuple[object, Mapping[int, Stack], tuple[str, ...]]


def build_jax(call: Callable[[], object], name: str, root: str) -> Result:
    """Run ``call``; returns the model, the construction lines of NNX modules, and notes.

    Modules of NNX are made of abstract values; where the constructor needs numbers, of real ones.
    Modules of Linen have no weights yet, functions have those that they close over. Sources of
    random numbers that the factory requires are passed. Raises FailedBuildError when it returns
    no model, and whatever it raises.
    """
    run = _supplied(call)
    with no_network():
        model, stacks, notes = _built(run, root) if _nnx() else (_call(run), {}, ())
    if not callable(model) or isinstance(model, type):
        raise no_model(
            name, model, "a factory has to return one module of Flax, or a function of arrays"
        )
    return model, stacks, notes


def _call(run: Callable[[], object]) -> object:
    return run()


def _built(run: Callable[[], object], root: str) -> Result:
    """The model, of abstract values if it is one of NNX that allows it."""
    from flax import nnx

    made: list[object] = []

    def keep() -> object:
        made.append(_call(run))
        return made[0] if isinstance(made[0], nnx.Module) else None

    with recording(nnx.Module, root, _call.__code__) as stacks:
        try:
            abstract = nnx.eval_shape(keep)
        except DownloadRefusedError:
            raise
        except Exception as error:
            model = _call(run)
            why = f"built with weights, since abstract values were refused: {summary(error)}"
            return model, _lines(model, model, stacks), (why,)
        if abstract is None:
            return _call(run), {}, ()
    return abstract, _lines(made[0], abstract, stacks), ()


def _lines(made: object, model: object, stacks: Mapping[int, Stack]) -> Mapping[int, Stack]:
    """The lines of the modules that were made, for those of the same paths in ``model``."""
    twins = dict(_modules(model))
    return {
        id(twins[path]): stacks[id(module)]
        for path, module in _modules(made)
        if path in twins and id(module) in stacks
    }


def _modules(model: object) -> Iterator[tuple[object, object]]:
    from flax import nnx

    if isinstance(model, nnx.Module):
        yield from nnx.iter_graph(model)


def _supplied(call: Callable[[], object]) -> Callable[[], object]:
    """``call`` with the sources of random numbers that it requires, new ones each time.

    Of a class its constructor is looked at: NNX's metaclass hides what that takes.
    """
    inner: Any = getattr(call, "func", call)
    given: Mapping[str, object] = getattr(call, "keywords", {})
    try:
        signature = inspect.signature(inner.__init__ if inspect.isclass(inner) else inner)
    except (TypeError, ValueError):
        return call
    wanted = [
        name
        for name, one in signature.parameters.items()
        if name in SUPPLIED_BY_JAX and one.default is one.empty and name not in given
    ]
    return lambda: partial(call, **{name: _source(name) for name in wanted})()


def _source(name: str) -> Any:
    if name == "rngs":
        from flax import nnx

        return nnx.Rngs(0)
    return jax.random.key(0)


def _nnx() -> object:
    return sys.modules.get("flax.nnx")
