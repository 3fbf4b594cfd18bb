"""What a run found: the values that rules make and reports render.

Nothing here computes or prints. A ``Report`` is the whole of a run; reports are read from
it alone. Paths are relative to the project root, with forward slashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from rfa_core.graph.model import Graph
from rfa_core.receptive.feasible import End
from rfa_core.receptive.layers import Layer, Sizes
from rfa_core.receptive.origin import Origin
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import Verdict


class Severity(str, Enum):
    """How much a finding matters, in the order of ``rank``."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    def __str__(self) -> str:
        return self.value

    @property
    def rank(self) -> int:
        """0 for errors, 1 for warnings, 2 for infos."""
        return ("error", "warning", "info").index(self.value)


@dataclass(frozen=True, slots=True)
class Waste:
    """Shares (0 to 1) of the model's parameters and multiply-accumulates."""

    parameters: float
    macs: float


@dataclass(frozen=True, slots=True)
class Concern:
    """The least that a finding is about, which no edit elsewhere changes: it has no lines.

    ``resolution`` and ``layer`` are None where the rule does not depend on one.
    """

    rule: str
    model: str
    resolution: tuple[int, ...] | None = None
    layer: str | None = None

    @property
    def order(self) -> tuple[str, str, tuple[int, ...], str]:
        """What a list of them is sorted by."""
        return self.model, self.rule, self.resolution or (), self.layer or ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about one model, at one place.

    ``resolution`` is per axis, None where it does not depend on one. ``file`` is None when
    no line of the project is to blame (a model out of a library). Lines and columns start
    at 1. ``fingerprint`` is stable under edits elsewhere in the file.
    """

    code: str
    name: str
    severity: Severity
    model: str
    message: str
    help: str = ""
    resolution: tuple[int, ...] | None = None
    layers: tuple[str, ...] = ()
    file: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    waste: Waste | None = None
    fingerprint: str = ""
    url: str = ""

    @property
    def concerns(self) -> tuple[Concern, ...]:
        """One for each layer; one without a layer if the finding has none."""
        layers = self.layers or (None,)
        return tuple(Concern(self.code, self.model, self.resolution, layer) for layer in layers)


@dataclass(frozen=True, slots=True)
class JudgedLayer:
    """A layer and what it is at one resolution; ``file`` and ``line`` are the blamed line."""

    layer: Layer
    verdict: Verdict
    tie: bool = False
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Why a model cannot run at a resolution.

    ``layer`` is where its forward pass stops (empty if unknown), ``reason`` one clause in
    plain words, ``works_at`` the nearest resolution per axis that runs (empty if unknown);
    ``fixed`` says that the model takes one input size only.
    """

    layer: str
    reason: str
    works_at: tuple[int, ...] = ()
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Repair:
    """One edit that leaves fewer layers unproductive: of ``layers`` the argument ``before`` to
    ``after`` (empty: they go), said at ``file`` and ``line`` (None outside the project).

    ``unproductive`` layers become ``left``; ``macs`` is what the multiply-accumulates are
    multiplied by.
    """

    layers: tuple[str, ...]
    before: str
    after: str
    file: str | None
    line: int | None
    unproductive: int
    left: int
    macs: float


@dataclass(frozen=True, slots=True)
class ResolutionReport:
    """One model at one resolution. ``traced_at`` differs where the model cannot run there.

    ``unsupported`` then says why; it is None where the model runs. ``repair`` is what a message
    about unproductive layers advises, if something is known.
    """

    resolution: tuple[int, ...]
    traced_at: tuple[int, ...]
    layers: tuple[JudgedLayer, ...]
    macs: int
    waste: Waste
    unsupported: Unsupported | None = None
    repair: Repair | None = None

    def counts(self) -> Mapping[Verdict, int]:
        """How many layers have each verdict, all verdicts named."""
        found = [judged.verdict for judged in self.layers]
        return {verdict: found.count(verdict) for verdict in Verdict}

    def with_verdict(self, *verdicts: Verdict) -> tuple[JudgedLayer, ...]:
        return tuple(judged for judged in self.layers if judged.verdict in verdicts)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where the footprint of one layer of ``model`` comes from, per axis, and its verdict.

    ``traced_at`` differs from ``resolution`` where the model cannot run there.
    """

    model: str
    resolution: tuple[int, ...]
    traced_at: tuple[int, ...]
    judged: JudgedLayer
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """A look at the model at the very end of its range.

    ``traced_at`` differs from ``resolution`` where the model cannot run there;
    ``unsupported`` then says why.
    """

    resolution: tuple[int, ...]
    traced_at: tuple[int, ...]
    unsupported: Unsupported | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """Feasible resolutions per axis; None: no limit (``max``), or no judged layer (``min``).

    From ``min_resolution`` on, a square, no judged layer is unproductive; above
    ``max_resolution`` there are patterns no judged layer sees whole. ``min_layers`` are the
    layers that are unproductive at one pixel less, ``max_layers`` per axis those that see
    the most. ``alone`` holds per axis the smallest size that is enough however small the
    other axes are. The trials are None where nobody looked again at that end: the range is
    then that of the footprints at the resolution that was asked for.
    """

    min_resolution: Sizes
    max_resolution: Sizes
    min_layers: tuple[Layer, ...] = field(default=(), repr=False)
    max_layers: tuple[tuple[Layer, ...], ...] = field(default=(), repr=False)
    alone: tuple[End, ...] = field(default=(), repr=False)
    min_trial: Trial | None = field(default=None, repr=False)
    max_trial: Trial | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ModelReport:
    """One model. ``status``: ``analysed``, ``unimportable``, ``unbuildable``, ``untraceable``.

    ``error`` says what went wrong, ``hint`` what to do about it; ``stopped`` where and why
    its forward pass could not be followed to the end; ``fed`` is the note that says what the
    model was given to run on. ``policy`` is what it was judged by. ``graph`` is that at the
    first resolution, kept where a report draws it. ``missing`` is the module that is not
    installed, where that is all that went wrong.
    """

    name: str
    framework: str | None
    status: str
    file: str | None = None
    line: int | None = None
    error: str | None = None
    hint: str = ""
    details: str | None = None
    range: Range | None = None
    parameters: int = 0
    resolutions: tuple[ResolutionReport, ...] = ()
    notes: tuple[str, ...] = ()
    stopped: str = ""
    missing: str = ""
    fed: str = ""
    policy: Policy = field(default=Policy(), repr=False)
    graph: Graph | None = field(default=None, repr=False, compare=False)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes that say more than what the model was fed."""
        return tuple(note for note in self.notes if note != self.fed)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A candidate that discovery left alone, and why."""

    name: str
    file: str | None
    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """The whole of a run. ``root`` is the project root (to read source lines from).

    ``suppressed`` and ``baselined`` are numbers of findings that are not in it, or not with
    all of their layers: for comments in source, and for the baseline. ``notes`` is what there
    is to say about the run itself. ``anchor`` is the file, relative to ``root``, on which findings
    are shown that are about no file of the project, where a format wants one.
    """

    version: str
    models: tuple[ModelReport, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    exit_code: int
    root: str = "."
    suppressed: int = 0
    baselined: int = 0
    notes: tuple[str, ...] = ()
    anchor: str = "pyproject.toml"

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)
