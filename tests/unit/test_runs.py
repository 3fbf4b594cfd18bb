"""Runs that do not come to their end, and what is known of the models all the same."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

import rfa_core as rfa
from rfa_core.api import check
from rfa_core.config.settings import Settings
from rfa_core.errors import ConfigurationError
from rfa_core.findings import Finding, Report
from rfa_core.parallel import Limits
from rfa_core.rules import Subject
from rfa_core.rules.full_kernel import FullKernel

pytestmark = pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a project with three saved networks, each larger than the one before."""
    monkeypatch.chdir(tmp_path)
    for depth in (2, 8, 16):
        net = rfa.Graph(f"net{depth}")
        for number in range(depth):
            net.conv(f"conv{number}", filters=4, kernel=3)
        net.save(tmp_path / f"net{depth}.rfa.json")
    return Settings(root=str(tmp_path), resolutions=(rfa.Resolution((8,)),))


NAMES = ("net2.rfa.json", "net8.rfa.json", "net16.rfa.json")


@pytest.mark.parametrize("limits", [None, Limits()], ids=["here", "in a worker"])
@pytest.mark.parametrize(
    ("cause", "exit_code"),
    [(KeyboardInterrupt(), 130), (ConfigurationError("a plugin failed"), 2)],
    ids=["interrupt", "plugin"],
)
def test_a_run_that_ends_early_reports_the_models_it_came_to(
    settings: Settings, limits: Limits | None, cause: BaseException, exit_code: int
) -> None:
    def progress(done: int, _total: int, _name: str) -> None:
        if done == 2:
            raise cause

    told: list[Report] = []

    with pytest.raises(type(cause)):
        check(NAMES, settings, progress, "1", limits, told.append)

    (report,) = told
    assert [model.name for model in report.models] == ["net2.rfa.json", "net8.rfa.json"]
    assert {finding.model for finding in report.findings} >= {"net8.rfa.json"}
    assert report.exit_code == exit_code


def test_a_run_that_ends_before_the_first_verdict_reports_nothing(settings: Settings) -> None:
    def progress(*_: object) -> None:
        raise KeyboardInterrupt

    told: list[Report] = []

    with pytest.raises(KeyboardInterrupt):
        check(NAMES, settings, progress, "1", None, told.append)

    assert told == []


@pytest.mark.parametrize("limits", [None, Limits()], ids=["here", "in a worker"])
def test_a_rule_that_raises_costs_the_verdict_of_its_model_alone(
    settings: Settings, limits: Limits | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("a rule can be made to fail in a forked worker only")
    monkeypatch.setattr("rfa_core.parallel.process.begin_with", lambda *_: True)

    def fails(_: FullKernel, subject: Subject) -> Iterator[Finding]:
        if subject.model.name == "net8.rfa.json":
            raise ZeroDivisionError("by chance")
        yield from ()

    monkeypatch.setattr(FullKernel, "check", fails)

    report = check(NAMES, settings, None, "1", limits)

    assert [model.status for model in report.models] == ["analysed", "untraceable", "analysed"]
    told = [finding for finding in report.findings if finding.model == "net8.rfa.json"]
    assert [finding.code for finding in told] == ["RFA903"]
    assert told[0].message == "internal error: ZeroDivisionError: by chance"
    assert report.exit_code == 2
