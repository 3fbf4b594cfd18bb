"""Kinds of layers that custom graphs are made of. Importing the package registers ours."""

from __future__ import annotations

from rfa_core.frontends.custom.kinds import (
    contractions,
    elementwise,
    inputs,
    rearranging,
    windows,
)
from rfa_core.frontends.custom.kinds.base import Kind as Kind
from rfa_core.frontends.custom.kinds.base import kind_of as kind_of
from rfa_core.frontends.custom.kinds.base import known_kinds as known_kinds
from rfa_core.frontends.custom.kinds.base import own_kinds as own_kinds

FAMILIES = (inputs, windows, contractions, elementwise, rearranging)
