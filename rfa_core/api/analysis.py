"""Models that are already built."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from rfa_core.agreement import Verification
from rfa_core.api.plugins import plugins_of
from rfa_core.api.reporting import Outcome, report_of_run
from rfa_core.config.settings import Settings
from rfa_core.discovery.saved import saved_suffixes, saved_target
from rfa_core.errors import TargetError
from rfa_core.examination import Examination, examine, first_running
from rfa_core.findings import (
    JudgedLayer,
    ModelReport,
    Range,
    Report,
    Waste,
)
from rfa_core.frontends import InputShape, frontend_of, input_spec, open_file
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import parse_resolution
from rfa_core.receptive.verdict import Verdict
from rfa_core.verification import verify_model


@dataclass(frozen=True, slots=True)
class Analysis:
    """A model that was already built, analysed at one resolution; prints as a table, and shows
    itself in a notebook."""

    report: Report

    @property
    def model(self) -> ModelReport:
        return self.report.models[0]

    @property
    def layers(self) -> tuple[JudgedLayer, ...]:
        """All layers with their verdicts, in the order of first use."""
        return self.model.resolutions[0].layers

    @property
    def unproductive(self) -> tuple[JudgedLayer, ...]:
        """The layers past the border."""
        return self.model.resolutions[0].with_verdict(Verdict.UNPRODUCTIVE)

    @property
    def waste(self) -> Waste:
        """The share of parameters and multiply-accumulates in unproductive layers."""
        return self.model.resolutions[0].waste

    @property
    def range(self) -> Range | None:
        """The resolutions that the model suits."""
        return self.model.range

    def __str__(self) -> str:
        from rfa_core.report import RenderOptions
        from rfa_core.report.table import render_model

        return render_model(self.report, RenderOptions(width=140))

    def _repr_html_(self) -> str:
        from rfa_core.report.notebook import render_analysis

        return render_analysis(self.report)

    def show(self) -> None:
        """Write the table to stdout; in a notebook, show the chart and the layers."""
        notebook = sys.modules.get("IPython")
        if notebook is not None and hasattr(notebook.get_ipython(), "kernel"):
            notebook.display.display(self)
        else:
            sys.stdout.write(f"{self}\n")


def analyse(
    model: object,
    resolution: int | str | Sequence[int],
    *,
    input_shape: InputShape | None = None,
    name: str = "",
    policy: Policy | None = None,
) -> Analysis:
    """Analyse a model that is already built, and left as it was found, or one saved in a file.

    ``model`` is a model of a supported framework or the path of a file that holds one.
    ``resolution`` is in pixels, as ``64``, ``"64x96"`` or one number per axis;
    ``input_shape`` names the axes, as ``(1, 3, "H", "W")``, where the first layer does not
    tell; for several tensors it holds one shape for each. Layers know the line that called
    them, not the one that constructed them. Raises TargetError, TraceError
    or ResolutionError.
    """
    root = str(Path.cwd())
    guesses = guesses_of(model, input_shape, name, policy)
    resolutions = [parse_resolution(resolution)]
    examined = examine(first_running(guesses, resolutions), resolutions)
    return Analysis(report_of_run([Outcome(examined, ())], (), 0, root))


def verify_built(
    model: object,
    resolution: int | str | Sequence[int] | None = None,
    *,
    input_shape: InputShape | None = None,
    every: bool = False,
) -> Verification:
    """Hold the analysis of a model that is already built to the NaN oracle.

    See ``rfa_core.testing.verify``.
    """
    asked = None if resolution is None else parse_resolution(resolution)
    return verify_model(guesses_of(model, input_shape), asked, every)


def guesses_of(
    model: object,
    input_shape: InputShape | None = None,
    name: str = "",
    policy: Policy | None = None,
    root: str = "",
) -> list[Examination]:
    """What a model that is already built, or saved in a file, may want to be fed.

    Raises TargetError for a path where no model is, TraceError.
    """
    plugins_of(Settings())
    if isinstance(model, (str, PathLike)):
        model, name = _opened(Path(model)), name or str(model)
    frontend = frontend_of(model)
    own = name or frontend.title(model)
    given = None if input_shape is None else input_spec(input_shape, "as given")
    specs = frontend.guess_inputs(model, given)
    inside, chosen = root or str(Path.cwd()), policy or Policy()
    return [
        Examination(frontend, model, spec, own, {}, inside, chosen, keeps_graph=True)
        for spec in specs
    ]


def _opened(path: Path) -> object:
    """The model saved in the file at ``path``."""
    file = Path.cwd() / path
    if not file.exists():
        raise TargetError(f"there is no file {str(path)!r}")
    target = saved_target(str(path), file)
    if target is None or target.framework is None:
        raise TargetError(
            f"{path} is no saved model",
            f"expected a file whose name ends in {', '.join(saved_suffixes())}",
        )
    return open_file(target.framework, str(file))
