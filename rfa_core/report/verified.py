"""``rfa verify``: what came of holding models to the oracle."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rfa_core.agreement import Difference, Verification, VerifiedLayer
from rfa_core.report.words import clean


def render_verified(
    found: Sequence[Verification], output_format: str, verbose: bool = False
) -> str:
    """As ``text``, or as ``json`` (``{"version": 1, "models": [...]}``).

    ``verbose`` adds a line per layer to the text.
    """
    if output_format == "json":
        document = {"version": 1, "models": [_model(one) for one in found]}
        return json.dumps(document, indent=2)
    lines = [line for one in found for line in (str(one), *(_layers(one) if verbose else ()))]
    return "".join(f"{clean(line)}\n" for line in lines)


def _layers(found: Verification) -> list[str]:
    return [f"  {layer.name}: {', '.join(map(str, layer.outcomes))}" for layer in found.layers]


def _model(found: Verification) -> dict[str, object]:
    return {
        "name": found.model,
        "agrees": found.agrees,
        "error": found.error or None,
        "stopped": found.stopped or None,
        "inputs": list(found.inputs),
        "layers": [_layer(layer) for layer in found.layers],
    }


def _layer(layer: VerifiedLayer) -> dict[str, object]:
    return {
        "name": layer.name,
        "judged": layer.judged,
        "outcomes": [str(outcome) for outcome in layer.outcomes],
        "differences": [_difference(one) for one in layer.differences],
    }


def _difference(found: Difference) -> dict[str, object]:
    return {
        "axis": found.axis,
        "node": found.node,
        "element": list(found.element),
        "claimed": None if found.claimed is None else list(found.claimed),
        "marked": list(found.marked),
        "reached": found.reached,
    }
