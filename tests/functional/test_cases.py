"""Which line is annotated: the one that the sources in ``tests/cases`` say, for all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from projects import rfa

CASES = Path(__file__).parents[1] / "cases"
_EXPECTED = re.compile(r"# expect: (RFA\d+) (\w+)$")


@pytest.mark.parametrize(
    ("framework", "models"),
    [
        pytest.param("torch", 14, marks=pytest.mark.torch, id="torch"),
        pytest.param("keras", 4, marks=pytest.mark.keras, id="keras"),
    ],
)
def test_the_annotated_lines_are_those_that_a_person_points_at(framework: str, models: int) -> None:
    run = rfa(CASES, "check", framework, "--output-format=json", "-n1")

    report = json.loads(run.stdout)
    assert {model["status"] for model in report["models"]} == {"analysed"}
    assert len(report["models"]) == models
    annotated = [
        (finding["file"], finding["line"], finding["code"], finding["model"].rpartition(":")[2])
        for finding in report["findings"]
    ]
    assert sorted(annotated) == sorted(_expected(framework))


def _expected(framework: str) -> Iterator[tuple[str, int, str, str]]:
    for file in (CASES / framework).glob("*.py"):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if found := _EXPECTED.search(line):
                yield file.relative_to(CASES).as_posix(), number, found[1], found[2]
