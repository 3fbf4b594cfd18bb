"""The rules about structure, from a file of models to findings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from projects import rfa, written

pytestmark = pytest.mark.torch

MODELS = """\
from torch import nn
from torch.nn import functional as F


class Shortcut(nn.Module):
    def __init__(self, kernel, before, after):
        super().__init__()
        self.padding = (before, after, before, after)
        self.conv = nn.Conv2d(4, 4, kernel)

    def forward(self, x):
        return x + self.conv(F.pad(x, self.padding))


def blind():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))


def seeing():
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Flatten(), nn.Linear(4 * 64 * 64, 2))


def unread():
    return nn.Sequential(nn.Conv2d(3, 4, 64, padding=32), nn.MaxPool2d(3))


def read():
    return nn.Sequential(nn.Conv2d(3, 4, 64, padding=32), nn.MaxPool2d(5))


def skipping():
    return nn.Sequential(
        nn.Conv2d(3, 4, 65, padding=32),
        nn.Conv2d(4, 4, 1, stride=2),
    )


def striding():
    return nn.Sequential(
        nn.Conv2d(3, 4, 65, padding=32),
        nn.Conv2d(4, 4, 2, stride=2),
    )


def checkerboard():
    return nn.Sequential(
        nn.Conv2d(3, 4, 65, padding=32),
        nn.ConvTranspose2d(4, 4, 3, stride=2),
    )


def even_upsampling():
    return nn.Sequential(
        nn.Conv2d(3, 4, 65, padding=32),
        nn.ConvTranspose2d(4, 4, 4, stride=2),
    )


def gridding():
    return nn.Sequential(*[nn.Conv2d(3, 3, 3, dilation=rate, padding=rate) for rate in (8, 8, 16)])


def hybrid():
    return nn.Sequential(*[nn.Conv2d(3, 3, 3, dilation=rate, padding=rate) for rate in (1, 2, 32)])


def hybrid_of_small_rates():
    rates = (1, 2, 5, 9, 17)
    return nn.Sequential(*[nn.Conv2d(3, 3, 3, dilation=rate, padding=rate) for rate in rates])


def misaligned():
    return nn.Sequential(nn.Conv2d(3, 4, 65, padding=32), Shortcut(4, 1, 2))


def aligned():
    return nn.Sequential(nn.Conv2d(3, 4, 65, padding=32), Shortcut(5, 2, 2))
"""

EXPECTED = {
    ("blind", "RFA202", 15),
    ("unread", "RFA203", 24),
    ("skipping", "RFA301", 34),
    ("checkerboard", "RFA302", 48),
    ("gridding", "RFA303", 60),
    ("hybrid", "RFA303", 63),
    ("misaligned", "RFA304", 12),
}


def test_each_rule_fires_on_its_model_and_not_on_the_sibling(tmp_path: Path) -> None:
    written(tmp_path, {"pyproject.toml": "[tool.rfa]\n", "models.py": MODELS})

    options = "--select RFA202 --select RFA203 --select RFA3 --output-format json"
    done = rfa(tmp_path, "check", "models.py", "--res", "64", *options.split())

    report = json.loads(done.stdout)
    assert len(report["models"]) == 13
    found = {(f["model"].split("::")[1], f["code"], f["line"]) for f in report["findings"]}
    assert found == EXPECTED
    assert done.returncode == 0
