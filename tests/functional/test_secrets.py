"""What reports hold of a project in an odd place and of an environment with a secret in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import rfa_core as rfa
from rfa_core.report import FORMATS

SECRET = "swordfish-4711"
MODELS = """
import os
import sys

import rfa_core as rfa


def deep():
    assert os.environ["CANARY"]
    net = rfa.Graph("deep")
    for place in range(12):
        net.conv(f"conv{place}", filters=8, kernel=3)
    return net


def prints():
    print(os.environ["CANARY"])
    print(os.environ["CANARY"], file=sys.stderr)
    return deep()


def raises():
    token = os.environ["CANARY"]
    raise RuntimeError(f"the token of {len(token)} characters is refused")


def opens():
    return open(__file__ + ".missing")


def tells():
    raise RuntimeError(f"the token {os.environ['CANARY']} is refused")
"""

STATUS = {
    "deep": ("analysed", 1),
    "prints": ("analysed", 1),
    "raises": ("unbuildable", 2),
    "opens": ("unbuildable", 2),
    "tells": ("unbuildable", 2),
}

Reports = Callable[[str], dict[str, str]]


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reports:
    """All reports of one of the models, in a folder whose name wants to be more than a name."""
    root = tmp_path / "a b&<c>'é::error::{{7*7}}"
    root.mkdir()
    (root / "pyproject.toml").write_text("", encoding="utf-8")
    monkeypatch.setenv("CANARY", SECRET)
    monkeypatch.chdir(root)

    def make(name: str) -> dict[str, str]:
        (root / f"secret_{name}.py").write_text(MODELS, encoding="utf-8")
        settings = rfa.Settings(
            root=str(root), resolutions=(rfa.Resolution((16,)),), cache_dir=None, draws=True
        )
        report = rfa.check([f"secret_{name}:{name}"], settings)
        assert (report.models[0].status, report.exit_code) == STATUS[name]
        return {form: rfa.render(form, report) for form in FORMATS}

    return make


@pytest.mark.parametrize("name", ["deep", "prints", "raises", "opens"])
def test_no_report_has_a_secret_or_says_where_the_project_lies(
    name: str, reports: Reports, tmp_path: Path
) -> None:
    found = reports(name)

    assert [form for form, text in found.items() if SECRET in text] == []
    assert [form for form, text in found.items() if tmp_path.name in text] == []


def test_what_code_puts_into_its_exception_is_in_every_report_of_it(reports: Reports) -> None:
    found = reports("tells")

    assert [form for form, text in found.items() if SECRET not in text] == []
