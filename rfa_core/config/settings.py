"""The effective settings of a run, and the defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from rfa_core.config.sources import keys_of
from rfa_core.formats import DRAWN
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import Resolution


@dataclass(frozen=True, slots=True)
class FactorySettings:
    """One entry of ``factories``: a target and how to build and feed its model.

    ``input_shape`` holds sizes, with axis names (``"H"``, ``"W"``, ``"D"``, ``"T"``) in the
    places that the resolution fills, in axis order; or such a shape for each tensor.
    """

    target: str
    kwargs: Mapping[str, object] = field(default_factory=dict)
    input_shape: tuple[int | str, ...] | tuple[tuple[int | str, ...], ...] | None = None
    resolutions: tuple[Resolution, ...] = ()
    ignore: tuple[str, ...] = ()


class ReportFile(NamedTuple):
    """A file that every check writes; ``path`` is absolute or seen from the project root."""

    format: str
    path: str

    def __str__(self) -> str:
        return f"{self.format}:{self.path}"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything ``[tool.rfa]`` can say, with its defaults.

    ``root`` is the project root (an absolute path): where the configuration file lies, else
    the closest folder above the working directory with a ``pyproject.toml`` or ``.git``,
    else the working directory. ``source`` is the configuration file, if there is one.
    ``baseline`` is absolute or seen from ``root``; None: nothing is accepted.
    ``cache_dir`` likewise; None: nothing is kept.
    ``ignores`` (no key; ``--no-ignores``): comments in source are heard. ``marks`` (no key): so are
    the resolutions of decorators, unless the command line gives others. ``draws`` (no key): a
    report that draws models is asked for.
    """

    root: str = "."
    source: str | None = None
    required_version: str | None = None
    resolutions: tuple[Resolution, ...] = ()
    paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    factories: tuple[FactorySettings, ...] = ()
    select: tuple[str, ...] = ("RFA1", "RFA201", "RFA202", "RFA9")
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    fail_on: str = "error"
    max_unproductive_parameters: float | None = None
    judge_pointwise: bool = True
    judge_pooling: bool = False
    tie: str = "unproductive"
    norm_statistics: str = "local"
    plugins: tuple[str, ...] = ()
    per_model_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    baseline: str | None = ".rfa-baseline.json"
    cache_dir: str | None = ".rfa_cache"
    ignores: bool = True
    marks: bool = field(default=True, compare=False)
    reports: tuple[ReportFile, ...] = ()
    draws: bool = False

    def reporting(self, formats: Iterable[str] = ()) -> Settings:
        """These settings for a run that writes ``formats``, too."""
        wanted = (*formats, *(report.format for report in self.reports))
        return replace(self, draws=not DRAWN.isdisjoint(wanted))

    @property
    def where(self) -> str:
        """Where a key stands, or would, as the end of a sentence: ``in rfa.toml``."""
        return keys_of(self.source)

    @property
    def policy(self) -> Policy:
        """The part of the settings that decides verdicts."""
        return Policy(
            strict_tie=self.tie == "productive",
            judge_pointwise=self.judge_pointwise,
            judge_pooling=self.judge_pooling,
            global_norms=self.norm_statistics == "global",
        )
