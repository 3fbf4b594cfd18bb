"""The hooks of a run that checks models; registered only when it is asked for."""

from __future__ import annotations

import ast
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

import rfa_core
from pytest_rfa.items import ModelFile, ModelItem
from pytest_rfa.plan import Check, Plan
from pytest_rfa.reports import ReportFiles
from pytest_rfa.terminal import summarise


class Run:
    """One run. It is planned at the start, in the xdist controller and in each worker alike."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.files = ReportFiles(config)
        self.note = ""
        self.error = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        try:
            self.plan = Plan(self.config)
            self.files.check_formats()
            if self.plan.accepted:
                self.files.need_outcomes()
            self.files.add_configured(self.plan.settings)
        except rfa_core.RfaError as error:
            raise pytest.UsageError(f"rfa: {error}") from None

    def pytest_report_header(self) -> str:
        models = len(self.plan.listing.targets)
        checks = sum(map(len, self.plan.checks.values()))
        return f"rfa: {models} {_plural('model', models)}, {checks} {_plural('check', checks)}"

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """A file of models that is given by name; all others hang on the session itself."""
        collectors = yield
        checks = self.plan.checks.get(file_path)
        if checks is None or not parent.session.isinitpath(file_path):
            return collectors
        if not self._is_test_file(file_path):
            collectors = [each for each in collectors if not isinstance(each, pytest.Module)]
        return [*collectors, self._model_file(parent.session, file_path, checks)]

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Hang the model files on the session, after the tests.

        Not on the folders they lie in: a folder with an ``__init__.py`` is imported when its
        first item runs, and ``testpaths`` leaves folders of sources out.
        """
        report = yield
        if isinstance(collector, pytest.Session) and report.result is not None:
            if self.config.getoption("rfa_only"):
                report.result = [
                    node for node in report.result if isinstance(node, (ModelFile, ModelItem))
                ]
            report.result = [*report.result, *self._model_files(collector)]
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if isinstance(item, ModelItem):
            report.nodeid = item.nodeid
            if item.outcome is not None and report.when == "call":
                self.files.attach(report, item.outcome, self.plan.session)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.config.getoption("dist", "no") == "loadgroup":
            self._ungroup(report)
        self.files.collect(report, self.plan.session)

    def _ungroup(self, report: pytest.TestReport) -> None:
        """Call a check of a worker by the id that can be given on a command line."""
        nodeid, _, model = report.nodeid.rpartition("@")
        if any(model == target.name for target in self.plan.listing.targets):
            report.nodeid = nodeid

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the files; where that fails the run has its summary all the same."""
        if self.config.getoption("collectonly"):
            return
        try:
            self.files.write(self.plan, interrupted=exitstatus == pytest.ExitCode.INTERRUPTED)
        except rfa_core.RfaError as error:
            self.error = f"ERROR: rfa: {error}\n"
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        self.note = self.plan.session.drop_fixed(self.files.outcomes(self.plan))

    def pytest_unconfigure(self) -> None:
        sys.stderr.write(self.error)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        summarise(terminalreporter, self.plan.order())
        if self.note:
            terminalreporter.write_line(f"rfa: {self.note}")

    def _model_files(self, session: pytest.Session) -> list[ModelFile]:
        return [
            self._model_file(session, path, checks)
            for path, checks in self.plan.checks.items()
            if self._selected(session, path)
        ]

    def _model_file(self, session: pytest.Session, path: Path, checks: list[Check]) -> ModelFile:
        file: ModelFile = ModelFile.from_parent(session, path=path, plan=self.plan, checks=checks)
        return file

    def _selected(self, session: pytest.Session, path: Path) -> bool:
        """Whether the command line means this file, without naming it (it is collected then)."""
        if path.is_file() and session.isinitpath(path):
            return False
        if self.plan.named:
            return True
        below = any(map(session.isinitpath, (path, *path.parents)))
        return (below or self._everywhere()) and not self._ignored(session, path)

    def _everywhere(self) -> bool:
        """Whether pytest was started in the root folder and given no paths."""
        config = self.config
        given = config.args_source is pytest.Config.ArgsSource.ARGS
        return not given and config.invocation_params.dir == config.rootpath

    def _ignored(self, session: pytest.Session, path: Path) -> bool:
        """Whether pytest would not look there: ``--ignore``, ``norecursedirs``, …"""
        ignore = self.config.hook.pytest_ignore_collect
        inside = [each for each in (path, *path.parents) if self.config.rootpath in each.parents]
        return any(
            ignore(collection_path=each, config=self.config)
            for each in inside
            if not session.isinitpath(each, with_parents=True)
        )

    def _is_test_file(self, path: Path) -> bool:
        if any(map(path.match, self.config.getini("python_files"))):
            return True
        return path.suffix == ".py" and _defines_tests(path)


def _defines_tests(path: Path) -> bool:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False
    names = [node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return any(name.startswith(("test", "Test")) for name in names)


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
