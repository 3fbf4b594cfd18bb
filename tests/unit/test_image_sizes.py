"""A factory that is told how large images are makes a model for each resolution asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

import rfa_core as rfa
from rfa_core.api import Session, check
from rfa_core.config.settings import Settings
from rfa_core.receptive.resolution import parse_resolution

pytestmark = pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")
NETWORK = """\
import rfa_core


def net(image_size):
    if image_size % 32:
        raise ValueError("a multiple of 32 is wanted")
    graph = rfa_core.Graph("net")
    for number in range(image_size // 32):
        graph.conv(f"conv{number}", filters=4, kernel=3)
    return graph
"""
"""It has as many layers as there are 32 pixels."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "nets.py").write_text(NETWORK, encoding="utf-8")
    return Settings(
        root=str(tmp_path), resolutions=tuple(map(parse_resolution, ("64", "40", "96")))
    )


def test_each_resolution_is_checked_with_a_model_of_that_size(settings: Settings) -> None:
    (model,) = check([], settings).models

    layers = {
        at.resolution: sum(one.layer.judgeable == "weights" for one in at.layers)
        for at in model.resolutions
    }
    assert layers == {(64, 64): 2, (40, 40): 7, (96, 96): 3}
    assert model.notes[0] == "image_size follows the resolution"


def test_so_are_rows_of_sweeps_and_explanations(settings: Settings) -> None:
    session = Session(settings)
    (target,) = session.plan().targets
    at = parse_resolution("64")

    rows = rfa.sweep("nets.py", [64, 96, 224], settings=settings)

    assert [row.productive for row in rows] == [2, 3, 7]
    with pytest.raises(rfa.RfaError, match="no layer 'conv2'"):
        session.explain(target, at, "conv2")
