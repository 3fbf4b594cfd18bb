"""One report by hand that has everything a renderer can meet, and the golden files.

``RFA_UPDATE_GOLDEN=1 pytest tests/unit/report`` writes the golden files anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from golden import golden_in
from projects import written

from rfa_core.findings import (
    JudgedLayer,
    ModelReport,
    Range,
    Report,
    ResolutionReport,
    Skipped,
    Trial,
    Unsupported,
    Waste,
)
from rfa_core.graph.model import Location
from rfa_core.receptive.feasible import End
from rfa_core.receptive.layers import Extent, Layer, Sizes
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import Verdict, decided_by_tie, is_judged, judge
from rfa_core.rules import RULES, Subject, find, own_line

ROOT = "/project"
FILE = f"{ROOT}/src/acme/models.py"
SOURCE = {
    4: "class Net(nn.Module):",
    5: "    def __init__(self):",
    6: "        self.stem = nn.Conv2d(3, 64, 7, stride=2, padding=3)",
    7: "        self.pool = nn.MaxPool2d(3, 2, 1)",
    8: "        self.body = nn.Sequential(*[nn.Conv2d(64, 64, 3, padding=1) for _ in range(3)])",
    9: "        self.head = nn.Linear(64, 10)",
}
SKIPPED = Skipped("acme.models:Block", "src/acme/models.py", 2, "needs arguments: planes")
GOLDEN = Path(__file__).parents[2] / "golden" / "report"


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """Two axes, one axis, global layers, a failure, a skipped candidate, a hostile name."""
    source = "".join(SOURCE.get(line, "") + "\n" for line in range(1, 10))
    written(tmp_path, {"src/acme/models.py": source})
    return over([net(), audio(), broken(), hostile()], root=str(tmp_path), skipped=(SKIPPED,))


@pytest.fixture
def report_of() -> Callable[..., Report]:
    """Makes the report of a run over some of the sample's models, by name, or over others."""

    def make(*models: str | ModelReport, **more: object) -> Report:
        found = [SAMPLES[model]() if isinstance(model, str) else model for model in models]
        return over(found, **more)

    return make


@pytest.fixture
def ranges() -> Report:
    """Ranges of every kind: one number for all axes, axes that differ, none, and no model."""
    return Report("0.1.0", (*ranged(), broken()), (), (), 2, ROOT)


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares text with a whole golden file."""
    return golden_in(GOLDEN)


def layer(
    name: str,
    seen: tuple[Sizes, Sizes],
    kernel: tuple[int, ...] = (3, 3),
    stride: tuple[int, ...] = (1, 1),
    **more: object,
) -> Layer:
    """A layer by its shortest footprints at the input and the output."""
    axes = len(kernel)
    facts: dict[str, object] = {
        "type": f"Conv{axes}d",
        "operation": "conv",
        "calls": 1,
        "kernel": kernel,
        "stride": stride,
        "dilation": (1,) * axes,
        "input": Extent(seen[0], seen[0]),
        "output": Extent(seen[1], seen[1]),
        "effective_stride": (Fraction(4),) * axes,
        "feature_map": (16,) * axes,
        "input_feature_map": (16,) * axes,
        "parameters": 1000,
        "macs": 50_000,
        "judgeable": "weights",
    }
    return Layer(name=name, **{**facts, **more})  # type: ignore[arg-type]


def at(resolution: tuple[int, ...], layers: list[Layer], **more: object) -> ResolutionReport:
    """``layers`` judged at ``resolution`` as a run would."""
    policy = Policy()
    judged = tuple(_judged(one, resolution, policy) for one in layers)
    bad = [one.layer for one in judged if one.verdict is Verdict.UNPRODUCTIVE]
    parameters, macs = (sum(getattr(one, key) for one in layers) for key in ("parameters", "macs"))
    waste = Waste(
        sum(one.parameters for one in bad) / parameters if parameters else 0.0,
        sum(one.macs for one in bad) / macs if macs else 0.0,
    )
    facts: dict[str, object] = {"traced_at": resolution, "macs": macs, "waste": waste}
    return ResolutionReport(resolution, layers=judged, **{**facts, **more})  # type: ignore[arg-type]


def over(models: list[ModelReport], root: str = ROOT, **more: object) -> Report:
    """What a run over ``models`` with every rule on would report."""
    findings = tuple(
        finding
        for model in models
        for finding in find(Subject(model, ROOT, budget=0.05), RULES.values())
    )
    facts: dict[str, object] = {"skipped": (), "exit_code": 1}
    return Report("0.1.0", tuple(models), findings, root=root, **{**facts, **more})  # type: ignore[arg-type]


def net() -> ModelReport:
    """Two axes and two resolutions: every verdict there is, with lines to blame."""
    stem = layer("stem", ((1, 1), (7, 7)), (7, 7), (2, 2), constructed=_line(6), parameters=9_408)
    pool = layer(
        "pool",
        ((7, 7), (11, 11)),
        stride=(2, 2),
        type="MaxPool2d",
        operation="max_pool2d",
        judgeable="pooling",
        constructed=_line(7),
        parameters=0,
        macs=0,
    )
    sizes = (11, 40, 64, 100)
    body = [
        layer(f"body.{number}", ((seen, seen), (more, more)), constructed=_line(8))
        for number, (seen, more) in enumerate(pairwise(sizes))
    ]
    relu = layer(
        "relu",
        ((100, 100), (100, 100)),
        (1, 1),
        type="ReLU",
        operation="relu",
        judgeable="",
        parameters=0,
        macs=0,
    )
    head = layer(
        "head",
        ((None, None), (None, None)),
        (1, 1),
        type="Linear",
        operation="linear",
        feature_map=(None, None),
        input_feature_map=(None, None),
        effective_stride=(None, None),
        constructed=_line(9),
        input=Extent((None, None), (None, None), True),
        output=Extent((None, None), (None, None), True),
    )
    layers = [stem, pool, *body, relu, head]
    small = [replace(one, input_feature_map=(2, 2)) if one in body else one for one in layers]
    return ModelReport(
        name="acme.models:Net",
        framework="torch",
        status="analysed",
        file="src/acme/models.py",
        line=4,
        range=Range((65, 65), (100, 100)),
        parameters=13_408,
        resolutions=(at((64, 64), layers), at((64, 128), layers), at((100, 100), small)),
    )


def audio() -> ModelReport:
    """One axis, outside the project: inexact, some global context, and it cannot run."""
    first = layer("0", ((1,), (31,)), (31,), (4,), type="Conv1d")
    gate = layer(
        "1",
        ((31,), (35,)),
        (3,),
        output=Extent((35,), (None,), True),
        inexact=("deform_conv1d reads positions that depend on the data",),
        causes_inexact=True,
        effective_stride=(Fraction(1, 2),),
        type="DeformConv1d",
    )
    last = layer("2", ((35,), (99,)), (9,))
    unsupported = Unsupported("2", "its window of 9 does not fit a map of 4", (32,))
    return ModelReport(
        name="zoo:audio",
        framework="torch",
        status="analysed",
        range=Range((36,), (None,)),
        parameters=3000,
        resolutions=(at((16,), [first, gate, last], traced_at=(32,), unsupported=unsupported),),
        notes=("input [1, 1, 32], as given", "recording stopped at nms: its result is data"),
        fed="input [1, 1, 32], as given",
    )


def broken() -> ModelReport:
    """A factory that raises."""
    return ModelReport(
        name="acme.models:unet",
        framework=None,
        status="unbuildable",
        file="src/acme/models.py",
        line=90,
        error="acme.models:unet cannot be built: TypeError: missing 1 argument: 'depth'\n"
        "  name it in factories",
        details="Traceback (most recent call last):\n  …\nTypeError: missing 1 argument: 'depth'",
    )


def hostile() -> ModelReport:
    """Names that try to be commands, markup, columns or other characters."""
    name = "evil::error file=a,line=1::%0A|<b>*x*`[y](https://z)\x1b[31m\u202e\ufffe\x00"
    many = [
        layer(f"{name}.{number}", ((99, 99), (120, 120)), type="Conv\r\n2d") for number in range(12)
    ]
    return ModelReport(
        name=f"bad.py::{name}",
        framework="torch",
        status="analysed",
        file="bad,dir/a:b%(c) \x07.py",
        line=3,
        parameters=12_000,
        range=Range((100, 100), (120, 120)),
        resolutions=(at((64, 64), many),),
    )


def ranged() -> list[ModelReport]:
    """Models without verdicts."""
    body = [
        layer(f"body.{number}", ((64, 64), (100, 100)), constructed=_line(8)) for number in range(3)
    ]
    tall = layer("tall", ((43, 3), (45, 5)), constructed=_line(6))
    wide = layer("wide", ((3, 60), (5, 62)), inexact=("it depends on the data",))
    only = Unsupported("stem", "it takes one size", (224, 224), fixed=True)
    small = Unsupported("stem", "its window does not fit", (96, 96))
    net = Range(
        (65, 65),
        (100, 100),
        tuple(body),
        (tuple(body),) * 2,
        (End(65, tuple(body)),) * 2,
        Trial((65, 65), (65, 65)),
        Trial((100, 100), (100, 100)),
    )
    asymmetric = Range(
        (4, 4),
        (45, 62),
        (tall, wide),
        ((tall,), (wide,)),
        (End(44, (tall,)), End(61, (wide,))),
        Trial((4, 4), (96, 96), small),
        Trial((45, 62), (224, 224), only),
    )
    volume = Range(
        (16,) * 3,
        (99, 120, None),
        tuple(body[:1]),
        ((wide,), (wide,), ()),
        (End(16, tuple(body[:1])), End(81, (wide,)), End(None, (tall,))),
        Trial((16,) * 3, (16,) * 3),
    )
    hostile = Range((36,), (40,), (layer("\x1b[31m", ((35,), (40,)), (3,)),))
    ranges = {
        "acme.models:Net": net,
        "acme.models:asymmetric": asymmetric,
        "acme.models:volume": volume,
        "acme.models:grid": Range((None, None), (None, None), (tall,)),
        "acme.models:pools": Range((None, None), (None, None)),
        "zoo:\x1b[31mhostile\n": hostile,
    }
    notes = ("input [1, 3, 224, 224], as given",)
    return [
        ModelReport(name, "torch", "analysed", range=feasible, notes=notes)
        for name, feasible in ranges.items()
    ]


def _judged(one: Layer, resolution: tuple[int, ...], policy: Policy) -> JudgedLayer:
    verdict = judge(one, resolution, policy)
    tie = is_judged(one, policy) and decided_by_tie(one, resolution)
    line = own_line(one, ROOT)
    return JudgedLayer(one, verdict, tie, line.file if line else None, line.line if line else None)


def _line(number: int) -> tuple[Location, ...]:
    return (Location(FILE, number, 9),)


SAMPLES = {"net": net, "audio": audio, "broken": broken, "hostile": hostile}
