"""A folder to run in, and made-up answers; the folder's own ``made_runs`` can be imported."""

import sys
from pathlib import Path

import pytest

from rfa_core import report as reports

sys.path.insert(0, str(Path(__file__).parent))

from made_runs import FakeSession, Run


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("RFA_OUTPUT_FORMAT", "NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "TERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(monkeypatch):
    run = Run()
    monkeypatch.setattr("rfa_core.api.check", run.check)
    monkeypatch.setattr("rfa_core.api.ranges", run.check)
    monkeypatch.setattr(reports, "render", run.render)
    return run


@pytest.fixture
def session(monkeypatch):
    class Session(FakeSession):
        pass

    monkeypatch.setattr("rfa_core.api.Session", Session)
    return Session
