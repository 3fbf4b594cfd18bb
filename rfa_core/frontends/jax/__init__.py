"""JAX: functions and Flax modules (NNX and Linen), staged to a jaxpr on abstract values."""

from __future__ import annotations

from rfa_core.frontends.jax.inputs import guess_inputs, sizes_named_by
from rfa_core.frontends.jax.models import adapted
from rfa_core.frontends.jax.trace import trace


class JaxFrontend:
    """Reads ``flax.nnx.Module``, ``flax.linen.Module`` and functions of arrays."""

    name = "jax"
    guess_inputs = staticmethod(guess_inputs)
    sizes_named_by = staticmethod(sizes_named_by)
    trace = staticmethod(trace)

    @staticmethod
    def title(model: object) -> str:
        """The class of the model, or the name of the function."""
        return adapted(model).title


FRONTEND = JaxFrontend()
