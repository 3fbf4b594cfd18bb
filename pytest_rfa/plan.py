"""What is to be checked: every model at every resolution, by the file it is shown on."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pytest

import rfa_core
from pytest_rfa.options import overrides


@dataclass(frozen=True)
class Check:
    """One model at one resolution; ``name`` is the last part of the item's node id."""

    name: str
    target: rfa_core.Target
    resolution: rfa_core.Resolution

    @property
    def title(self) -> str:
        """What a failure's headline says."""
        return f"rfa {_short(self.target.name)} @ {self.resolution}"


class Plan:
    """The checks of a run. Making it imports nothing of the user's.

    Raises RfaError if the configuration is wrong, a target is unknown or no model is found.
    """

    def __init__(self, config: pytest.Config) -> None:
        settings = rfa_core.load_settings(config.rootpath, overrides=overrides(config))
        self.settings = settings.reporting(name for name, _ in config.getoption("rfa_report"))
        self.session = rfa_core.Session(self.settings)
        self.accepted = len(_accepted(config, self.session))
        self.named = bool(config.getoption("rfa_target"))
        self.session.join(_conftests(config))
        with _unheard_warnings():
            self.listing = self.session.plan(config.getoption("rfa_target") or ())
        self.checks = self._checks(config)

    def run(self, check: Check) -> rfa_core.Outcome:
        """Build the model, if it is not the last one built, and judge it."""
        with _unheard_warnings():
            return self.session.check(check.target, [check.resolution])

    def report(self, outcomes: Sequence[rfa_core.Outcome]) -> rfa_core.Report:
        """The report of these outcomes, one entry per model."""
        return self.session.report(_merged(outcomes), replace(self.listing, left_alone=()))

    def order(self) -> Mapping[tuple[str, str], int]:
        """The place of each check in the plan, by its model and its resolution."""
        checks = [check for group in self.checks.values() for check in group]
        return {
            (check.target.name, str(check.resolution)): place for place, check in enumerate(checks)
        }

    def _checks(self, config: pytest.Config) -> dict[Path, list[Check]]:
        targets = (*self.listing.targets, *self.listing.broken)
        if not targets:
            raise rfa_core.RfaError(
                f"no models found in {self.settings.root}",
                "name one with --rfa-target=package.module:factory or in [tool.rfa] factories; "
                "`rfa list` says what was left alone, and why",
            )
        anchor = _anchor(config, self.settings)
        checks: dict[Path, list[Check]] = {}
        for target in targets:
            file = _inside(config.rootpath, target.file)
            checks.setdefault(file or anchor, []).extend(self._of(target, whole=file is None))
        return {path: _distinct(group) for path, group in checks.items()}

    def _of(self, target: rfa_core.Target, *, whole: bool) -> list[Check]:
        resolutions = self.session.resolutions(target)
        if not resolutions:
            raise rfa_core.RfaError(
                f"no resolution to judge {target.name} at",
                "give one in pixels as --rfa-res=64, or as resolutions = [64] "
                f"{self.settings.where}",
            )
        name = target.name.replace("::", ":") if whole else _short(target.name)
        return [Check(f"rfa-{name}@{resolution}", target, resolution) for resolution in resolutions]


def _conftests(config: pytest.Config) -> Iterator[ModuleType]:
    """The ``conftest.py`` files that pytest has loaded: they may hold hooks of rfa."""
    for plugin in config.pluginmanager.get_plugins():
        file = getattr(plugin, "__file__", None)
        if isinstance(plugin, ModuleType) and file and Path(file).name == "conftest.py":
            yield plugin


def _accepted(config: pytest.Config, session: rfa_core.Session) -> Sized:
    """The accepted findings, so that mistakes in their file come first."""
    given = config.getoption("rfa_baseline")
    if given and not (config.invocation_params.dir / given).exists():
        raise rfa_core.RfaError(
            f"--rfa-baseline: there is no file {given}",
            "`rfa baseline write` makes one of all findings",
        )
    return session.baseline


def _short(name: str) -> str:
    """``acme.models:resnet`` and ``models.py::resnet`` to ``resnet``; a file to its name."""
    return name.rpartition(":")[2].rpartition("/")[2]


def _distinct(checks: Sequence[Check]) -> list[Check]:
    """Number the second and later checks of the same name."""
    times: Counter[str] = Counter()
    named = []
    for check in checks:
        times[check.name] += 1
        again = times[check.name]
        named.append(check if again == 1 else replace(check, name=f"{check.name}-{again}"))
    return named


def _anchor(config: pytest.Config, settings: rfa_core.Settings) -> Path:
    """Where models are shown that have no file in the project."""
    return _inside(config.rootpath, settings.source) or config.inipath or config.rootpath


def _inside(root: Path, file: str | None) -> Path | None:
    """``file`` below ``root`` as pytest spells it, symbolic links kept; None if outside."""
    if file is None:
        return None
    relative = Path(os.path.relpath(Path(file).resolve(), root.resolve()))
    return None if ".." in relative.parts else root / relative


def _merged(outcomes: Sequence[rfa_core.Outcome]) -> list[rfa_core.Outcome]:
    """One outcome per model, with all the resolutions it was checked at."""
    merged: dict[str, rfa_core.Outcome] = {}
    for outcome in outcomes:
        first = merged.setdefault(outcome.model.name, outcome)
        if first is not outcome:
            resolutions = (*first.model.resolutions, *outcome.model.resolutions)
            findings = dict.fromkeys((*first.findings, *outcome.findings))
            model = replace(first.model, resolutions=resolutions)
            merged[model.name] = replace(
                first,
                model=model,
                findings=tuple(findings),
                suppressed=first.suppressed + outcome.suppressed,
                baselined=first.baselined + outcome.baselined,
                fixed=(*first.fixed, *outcome.fixed),
            )
    return list(merged.values())


@contextmanager
def _unheard_warnings() -> Iterator[None]:
    """What a user's model warns about is not what is checked here, not even with -W error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
