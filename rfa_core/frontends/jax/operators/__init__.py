"""Translations of JAX's primitives; importing this package registers them."""

from __future__ import annotations

from rfa_core.frontends.jax.operators import calls as calls
from rfa_core.frontends.jax.operators import contractions as contractions
from rfa_core.frontends.jax.operators import elementwise as elementwise
from rfa_core.frontends.jax.operators import indexing as indexing
from rfa_core.frontends.jax.operators import loops as loops
from rfa_core.frontends.jax.operators import rearranging as rearranging
from rfa_core.frontends.jax.operators import sampling as sampling
from rfa_core.frontends.jax.operators import windows as windows
