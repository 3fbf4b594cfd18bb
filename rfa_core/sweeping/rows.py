"""What a sweep says of one model at one resolution; the same for the same code and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace

from rfa_core.findings import ModelReport, ResolutionReport
from rfa_core.receptive.resolution import Resolution
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.blind_network import sees_all
from rfa_core.rules.wording import flat, pixels
from rfa_core.sweeping.tasks import Task

FITS: Mapping[str, str] = {
    "fits": "no layer is unproductive, and one with weights sees the whole image",
    "blind": "no layer is unproductive, and none with weights sees the whole image",
    "wasteful": "some layers are unproductive",
    "does not run": "the model takes no image of this size",
}
"""What a model can be at a resolution, best first."""

Value = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """A model, built with some arguments, at one resolution.

    ``key`` is what a file knows the row by. ``resolution``, ``object_size``, ``traced_at``,
    ``min_resolution`` and ``max_resolution`` are in pixels as they are typed, ``64`` or ``64x96``;
    the last two are the ends of the feasible range, None where there is none, ``any`` on an axis
    without one. ``status`` is that of the JSON report; without a verdict, ``error`` says why and
    the numbers are None. ``fit`` is one of ``FITS``. ``runs``: the model runs at the resolution;
    else ``error`` says why not, and the verdicts are those of the footprints at ``traced_at``. Then
    how many layers have each
    verdict, the shares (0 to 1) of parameters and multiply-accumulates in unproductive layers, and
    both numbers for the whole model. ``sees_all``: a layer with weights sees the whole image (or
    object).
    """

    key: str
    model: str
    target: str
    resolution: str
    status: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    object_size: str | None = None
    error: str | None = None
    fit: str | None = None
    runs: bool | None = None
    traced_at: str | None = None
    productive: int | None = None
    critical: int | None = None
    partial: int | None = None
    full_kernel: int | None = None
    unproductive: int | None = None
    not_judged: int | None = None
    waste_parameters: float | None = None
    waste_macs: float | None = None
    parameters: int | None = None
    macs: int | None = None
    min_resolution: str | None = None
    max_resolution: str | None = None
    sees_all: bool | None = None

    @property
    def values(self) -> dict[str, object]:
        """Its columns, in order."""
        return asdict(self)

    @property
    def waste(self) -> float:
        """Both shares added up; nothing where there is no verdict."""
        return (self.waste_parameters or 0.0) + (self.waste_macs or 0.0)


_SUITABLE: Mapping[type, tuple[type, ...]] = {str: (), int: (), bool: (), dict: (), float: (int,)}
_KINDS = {"str": str, "int": int, "float": float, "bool": bool, "Mapping[str, object]": dict}


def _kind(annotation: str) -> type:
    return _KINDS[annotation.removesuffix(" | None")]


COLUMNS: Mapping[str, type] = {each.name: _kind(str(each.type)) for each in fields(Row)}
"""The columns in order, with the type of what is in them besides None."""
REQUIRED: tuple[str, ...] = tuple(
    each.name for each in fields(Row) if not str(each.type).endswith("None")
)
"""The columns that no row is without."""
VERDICT_COLUMNS: Mapping[Verdict, str] = {
    verdict: str(verdict).replace("-", "_") for verdict in Verdict
}
"""The columns that count verdicts."""


def row_of(task: Task, resolution: Resolution, report: ModelReport) -> Row:
    """The row of a model that was looked at, or could not be."""
    size = None if task.object_size is None else str(task.object_size)
    row = Row(
        task.key(resolution),
        task.model,
        task.target,
        str(resolution),
        report.status,
        dict(task.arguments),
        size,
    )
    if report.status != "analysed":
        return replace(row, error=_why(report))
    (at,) = report.resolutions
    row = row_from({**row.values, **_verdicts(at, task.object_size), **_whole(report)})
    return replace(row, fit=_fit(row))


def lost_row(task: Task, resolution: Resolution, reason: str) -> Row:
    """The row of a model that took its process with it."""
    report = ModelReport(task.model, None, "unbuildable", error=f"{task.model} {reason}")
    return row_of(task, resolution, report)


def row_from(values: Mapping[str, object]) -> Row:
    """The row that ``values`` are the columns of. Raises ValueError with the reason."""
    for name in REQUIRED:
        if values.get(name) is None:
            raise ValueError(f"{name} is missing")
    for name, value in values.items():
        if name not in COLUMNS:
            raise ValueError(f"{name} is no column")
        if value is not None and type(value) not in (COLUMNS[name], *_SUITABLE[COLUMNS[name]]):
            raise ValueError(f"{name} is {value!r:.40}")
    return Row(**values)  # type: ignore[arg-type]


def _why(report: ModelReport) -> str:
    return "; ".join(flat(text) for text in (report.error, report.hint) if text)


def _fit(row: Row) -> str:
    fits, blind, wasteful, stopped = FITS
    if not row.runs:
        return stopped
    if row.unproductive:
        return wasteful
    return fits if row.sees_all else blind


def _verdicts(at: ResolutionReport, subject: Resolution | None) -> dict[str, Value]:
    seen = at.resolution if subject is None else subject.for_axes(len(at.resolution))
    counts = {VERDICT_COLUMNS[verdict]: number for verdict, number in at.counts().items()}
    weighted = (one.layer for one in at.layers if one.layer.judgeable == "weights")
    why = at.unsupported
    return {
        **counts,
        "error": f"does not run at {pixels(at.resolution)} px: {flat(why.reason)}" if why else None,
        "runs": why is None,
        "traced_at": pixels(at.traced_at),
        "waste_parameters": at.waste.parameters,
        "waste_macs": at.waste.macs,
        "macs": at.macs,
        "sees_all": any(sees_all(layer, seen) for layer in weighted),
    }


def _whole(report: ModelReport) -> dict[str, Value]:
    ends = {
        "min_resolution": report.range.min_resolution if report.range else (),
        "max_resolution": report.range.max_resolution if report.range else (),
    }
    words = {name: pixels(end, "any") if any(end) else None for name, end in ends.items()}
    return {"parameters": report.parameters, **words}
