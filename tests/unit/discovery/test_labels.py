"""The labels that discovery is measured against."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rfa_core.config.toml import loads

LABELS = Path(__file__).parents[3] / "benchmarks" / "discovery" / "labels"
FILES = sorted(LABELS.glob("*.toml"))


def names(by_file: dict[str, list[str]]) -> list[str]:
    return [f"{file}::{name}" for file, listed in by_file.items() for name in listed]


def test_there_are_enough_repositories_and_some_are_held_out() -> None:
    held_out = [file for file in FILES if "held_out = true" in file.read_text(encoding="utf-8")]

    assert len(FILES) >= 15
    assert len(held_out) >= 5


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_repository_is_pinned_and_no_name_is_labelled_twice(file: Path) -> None:
    data = loads(file.read_text(encoding="utf-8"))

    groups = [names(data.get(key, {})) for key in ("models", "unreachable", "neutral")]
    every = [name for group in (*groups, *data.get("either", [])) for name in group]

    assert re.fullmatch(r"[\w.-]+/[\w.-]+", data["repository"])
    assert re.fullmatch(r"[0-9a-f]{40}", data["commit"])
    assert sorted(every) == sorted(set(every))
    assert set(data) <= {
        "repository",
        "commit",
        "held_out",
        "notes",
        "either",
        "models",
        "unreachable",
        "neutral",
        "broken",
    }
    assert all(why for listed in data.get("broken", {}).values() for why in listed.values())
