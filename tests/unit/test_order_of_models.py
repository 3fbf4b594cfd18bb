"""What is said of a model does not depend on which models were looked at before it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rfa_core.api import check
from rfa_core.config.settings import Settings
from rfa_core.receptive.resolution import Resolution

pytestmark = pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")

NETWORK = """\
import rfa_core


def net():
    graph = rfa_core.Graph("net")
    graph.conv("conv", filters=4, kernel=3)
    return graph
"""
BROKEN = {
    "nets/__init__.py": "from . import first, second\nraise RuntimeError('half imported')\n",
    "nets/first.py": NETWORK,
    "nets/second.py": NETWORK,
}
"""A package that fails after it has imported its modules."""
SWALLOWED = {
    "nets/__init__.py": "try:\n    from .inner import first\nexcept RuntimeError:\n    pass\n",
    "nets/inner/__init__.py": BROKEN["nets/__init__.py"],
    "nets/inner/first.py": NETWORK,
    "nets/inner/second.py": NETWORK,
    "nets/whole.py": NETWORK,
}
"""A package that goes on without a part that fails like that."""
CASES = {
    "a package that fails": (BROKEN, {"nets.first:net": False, "nets.second:net": False}),
    "a part that fails": (
        SWALLOWED,
        {
            "nets.whole:net": True,
            "nets.inner.first:net": False,
            "nets.inner.second:net": False,
        },
    ),
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.chdir(tmp_path)
    yield Settings(root=str(tmp_path), resolutions=(Resolution((8,)),), cache_dir=None)
    for name in [name for name in sys.modules if name.partition(".")[0] == "nets"]:
        del sys.modules[name]


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("step", [1, -1], ids=["forwards", "backwards"])
@pytest.mark.parametrize(("files", "judged"), CASES.values(), ids=CASES)
def test_a_module_of_a_package_that_fails_is_judged_in_no_order(
    settings: Settings, files: dict[str, str], judged: dict[str, bool], step: int, jobs: str
) -> None:
    for name, text in files.items():
        file = Path(settings.root, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    report = check(list(judged)[::step], settings, None, jobs)

    assert {one.name: one.status == "analysed" for one in report.models} == judged
    assert {finding.code for finding in report.findings if finding.severity == "error"} == {
        "RFA901"
    }
