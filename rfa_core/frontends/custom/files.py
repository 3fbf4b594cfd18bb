"""Networks in ``*.rfa.json`` files: written by hand, or traced."""

from __future__ import annotations

from rfa_core.errors import InvalidGraphError
from rfa_core.frontends.custom.json_form import data_of, network_of
from rfa_core.frontends.custom.network import Graph
from rfa_core.graph import model as traced
from rfa_core.graph.json_form import from_json


def model_of_file(file: str) -> Graph | traced.Graph:
    """The network in ``file``; what it holds tells which of the two forms it is in.

    Raises InvalidGraphError that names the file and all mistakes.
    """
    data, text = data_of(file)
    if not isinstance(data, dict) or "nodes" not in data or "layers" in data:
        return Graph.of_layers(*network_of(data, text, file))
    try:
        return from_json(data)
    except InvalidGraphError as error:
        raise InvalidGraphError(f"{file}: {error.message}", error.hint) from None
