"""Sweeps of models whose layers depend on the size: each row is that of a check of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

import rfa_core as rfa

pytestmark = pytest.mark.torch

MODELS = """\
from torch import nn


class Branching(nn.Module):
    def __init__(self, width: int = 8):
        super().__init__()
        self.far = nn.Sequential(*[nn.Conv2d(3, 3, 5, padding=2) for _ in range(4)])
        self.near = nn.Conv2d(3, width, 3, padding=1)

    def forward(self, x):
        return self.near(self.far(x) if x.shape[2] > 16 else x)


class Fixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 8, stride=8)
        self.mix = nn.Conv2d(8, 8, 3, padding=1)
        self.head = nn.Linear(8 * 16, 10)

    def forward(self, x):
        return self.head(self.mix(self.conv(x)).flatten(1))
"""
RESOLUTIONS = ["8", "16", "17", "32", "48x24", "64"]


def test_every_row_is_that_of_a_check_at_its_resolution_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.rfa]\n")
    (tmp_path / "sizes.py").write_text(MODELS)
    monkeypatch.chdir(tmp_path)
    names, settings = ["sizes:Branching", "sizes:Fixed"], rfa.load_settings()
    session = rfa.Session(settings)

    rows = rfa.sweep(names, RESOLUTIONS)

    alone = []
    for target in session.plan(names).targets:
        for resolution in map(rfa.parse_resolution, RESOLUTIONS):
            model = rfa.Session(settings).check(target, [resolution]).model
            (at,) = model.resolutions
            counts = {str(verdict): number for verdict, number in at.counts().items()}
            waste = at.waste.parameters, at.waste.macs
            alone.append((target.name, str(resolution), counts, waste, at.macs, not at.unsupported))
    assert [
        (
            row.model,
            row.resolution,
            {
                name.replace("_", "-"): row.values[name]
                for name in (
                    "unproductive",
                    "critical",
                    "full_kernel",
                    "partial",
                    "productive",
                    "not_judged",
                )
            },
            (row.waste_parameters, row.waste_macs),
            row.macs,
            row.runs,
        )
        for row in rows
    ] == alone
    assert [row.runs for row in rows[6:]] == [False, False, False, True, False, False]
    assert len({row.min_resolution for row in rows[:6]}) == 2
