"""Models of any framework to graphs: one folder per framework, found by the model's class."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import cast

from rfa_core.errors import TraceError
from rfa_core.frontends.base import Constructed as Constructed
from rfa_core.frontends.base import ForwardError as ForwardError
from rfa_core.frontends.base import Frontend as Frontend
from rfa_core.frontends.base import InputSpec as InputSpec
from rfa_core.frontends.base import TensorSpec as TensorSpec
from rfa_core.frontends.base import input_spec as input_spec

_FRONTENDS = {"torch": ("rfa_core.frontends.torch", "nn.Module")}
"""Framework module, to the frontend and the dotted name of its model class."""


def frontend_of(model: object) -> Frontend:
    """The frontend that reads ``model``; frameworks that were not imported are not, here.

    Raises TraceError for an object that is no model of a supported framework.
    """
    for framework, (home, model_class) in _FRONTENDS.items():
        library: object = sys.modules.get(framework)
        for attribute in model_class.split("."):
            library = getattr(library, attribute, None)
        if isinstance(library, type) and isinstance(model, library):
            return cast(Frontend, import_module(home).FRONTEND)
    raise TraceError(
        f"an object of type {type(model).__name__} is no model",
        f"expected a model of {', '.join(_FRONTENDS)}",
    )
