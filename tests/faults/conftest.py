"""The folder's own helper (``fault_bench``) can be imported; what is said where nothing fails."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fault_bench import SOUND, Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture(scope="session")
def faultless(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What is said of the sound models where there is no fault."""
    ran = Bench(tmp_path_factory.mktemp("faultless")).check(*SOUND)
    assert (ran.code, ran.err, ran.left) == (1, "", [])
    return ran.sound
