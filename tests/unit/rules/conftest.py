"""Small judged models for the rules: a layer is a name, two footprints and a stack of lines."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from rfa_core.findings import JudgedLayer, ModelReport, Range, ResolutionReport, Waste
from rfa_core.graph.model import Location
from rfa_core.receptive.layers import Extent, Layer
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules import Subject

Stack = tuple[int, ...]


@pytest.fixture
def make_layer() -> Callable[..., JudgedLayer]:
    """Makes a judged layer; ``lines`` are those of ``/project/m.py`` that constructed it."""
    return make


@pytest.fixture
def make_subject() -> Callable[..., Subject]:
    """Makes a subject of one model at one resolution."""
    return subject


def make(
    name: str,
    verdict: Verdict = Verdict.PRODUCTIVE,
    lines: Stack = (),
    *,
    seen: tuple[int, ...] = (43, 43),
    out: tuple[int, ...] = (75, 75),
    tie: bool = False,
    **more: object,
) -> JudgedLayer:
    """A judged 3x3 convolution of 100 parameters and 1000 multiply-accumulates."""
    axes = len(seen)
    facts: dict[str, object] = {
        "type": "Conv2d",
        "operation": "conv",
        "calls": 1,
        "kernel": (3,) * axes,
        "stride": (1,) * axes,
        "dilation": (1,) * axes,
        "input": Extent(seen, seen),
        "output": Extent(out, out),
        "effective_stride": (Fraction(1),) * axes,
        "feature_map": (2,) * axes,
        "input_feature_map": (2 if verdict is Verdict.FULL_KERNEL else 4,) * axes,
        "parameters": 100,
        "macs": 1000,
        "judgeable": "weights",
        "constructed": tuple(Location("/project/m.py", line, 9) for line in lines),
    }
    layer = Layer(name=name, **{**facts, **more})  # type: ignore[arg-type]
    return JudgedLayer(layer, verdict, tie)


def subject(
    *layers: JudgedLayer,
    resolution: tuple[int, ...] = (64, 64),
    budget: float | None = None,
    status: str = "analysed",
    error: str | None = None,
    minimum: tuple[int | None, ...] = (76, 76),
    **more: object,
) -> Subject:
    """One model whose factory is at line 3 of ``m.py``; without layers it has no resolution."""
    bad = [one for one in layers if one.verdict is Verdict.UNPRODUCTIVE]
    facts: dict[str, object] = {
        "traced_at": resolution,
        "layers": layers,
        "macs": sum(one.layer.macs for one in layers),
        "waste": Waste(len(bad) / len(layers) if layers else 0.0, 0.0),
    }
    at = ResolutionReport(resolution, **{**facts, **more})  # type: ignore[arg-type]
    model = ModelReport(
        "m:net",
        "torch",
        status,
        "m.py",
        3,
        error=error,
        range=Range(minimum, minimum),
        parameters=sum(one.layer.parameters for one in layers),
        resolutions=(at,) if layers else (),
    )
    return Subject(model, "/project", budget)
