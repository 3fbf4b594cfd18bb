"""Elementwise primitives, each by name: what is not listed is not understood."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.frontends.jax.equations import Equation, Value
from rfa_core.frontends.jax.reading import Reader
from rfa_core.frontends.jax.registry import translates
from rfa_core.frontends.phrases import broadcast
from rfa_core.graph import operations as op


@translates(
    "abs", "acos", "acosh", "add", "add_any", "and", "asin", "asinh", "atan", "atan2", "atanh",
    "bessel_i0e", "bessel_i1e", "cbrt", "ceil", "clamp", "clz", "complex", "conj", "cos", "cosh",
    "digamma", "div", "eq", "eq_to", "erf", "erf_inv", "erfc", "exp", "exp2", "expm1", "floor",
    "ge", "gt", "igamma", "igamma_grad_a", "igammac", "imag", "integer_pow", "is_finite", "le",
    "le_to", "lgamma", "log", "log1p", "logistic", "lt", "lt_to", "max", "min", "mul",
    "ne", "neg", "nextafter", "not", "or", "polygamma", "population_count", "pow",
    "random_gamma_grad", "real", "regularized_incomplete_beta", "rem", "round", "rsqrt",
    "select_n", "shift_left", "shift_right_arithmetic", "shift_right_logical", "sign", "sin",
    "sinh", "sqrt", "square", "sub", "tan", "tanh", "xor", "zeta",
)  # fmt: skip
def _pointwise(reader: Reader, eqn: Equation) -> Value:
    """Elementwise over the operands that depend on the input."""
    names = eqn.live
    if broadcast([reader.shape(name) for name in names]) != eqn.shape:
        names = [*names, reader.draft.constant(eqn.shape)]
    return reader.draft.add(op.Pointwise(), names, eqn.shape, eqn.name)


@translates(
    "convert_element_type", "copy", "device_put", "name", "optimization_barrier",
    "reduce_precision", "sharding_constraint", "stop_gradient", "pvary", "reshard",
    "layout_constraint", "mesh_cast",
)  # fmt: skip
def _same(_reader: Reader, eqn: Equation) -> Sequence[Value]:
    return eqn.inputs


@translates("debug_callback", "debug_print")
def _nothing(_reader: Reader, _eqn: Equation) -> Sequence[Value]:
    return ()
