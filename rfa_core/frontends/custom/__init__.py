"""Custom graphs: networks written by hand, in Python or as JSON."""

from __future__ import annotations

from rfa_core.frontends.custom.files import model_of_file
from rfa_core.frontends.custom.layers import Layer as Layer
from rfa_core.frontends.custom.network import Graph as Graph
from rfa_core.frontends.custom.trace import guess_inputs, trace


class CustomFrontend:
    """Reads ``rfa_core.Graph``."""

    name = "custom"
    guess_inputs = staticmethod(guess_inputs)
    trace = staticmethod(trace)
    open = staticmethod(model_of_file)

    def title(self, model: Graph) -> str:
        """Its own name."""
        return model.name

    def sizes_named_by(self, _model: Graph) -> tuple[int, ...]:
        """A network written by hand takes any size."""
        return ()


FRONTEND = CustomFrontend()
