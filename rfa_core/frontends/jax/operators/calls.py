"""Functions inside of functions: what is compiled, differentiated or recomputed is read through."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.frontends.jax.equations import Equation, Value
from rfa_core.frontends.jax.operators.resizing import resized
from rfa_core.frontends.jax.reading import Reader
from rfa_core.frontends.jax.registry import translates

_RESIZING = frozenset({"_resize", "_scale_and_translate"})


@translates("call", "checkpoint", "closed_call", "core_call", "jit", "pjit", "remat", "remat2")
def _call(reader: Reader, eqn: Equation) -> Sequence[Value]:
    if eqn.params.get("name") in _RESIZING:
        return resized(reader, eqn)
    return reader.inner(eqn.params["jaxpr" if "jaxpr" in eqn.params else "call_jaxpr"], eqn.inputs)


@translates("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr")
def _differentiable(reader: Reader, eqn: Equation) -> Sequence[Value]:
    key = next(key for key in ("call_jaxpr", "fun_jaxpr", "jaxpr") if key in eqn.params)
    return reader.inner(eqn.params[key], eqn.inputs)
