"""The feasible range of torchvision's models, held to what a check finds at its ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from rfa_core.api import check, ranges
from rfa_core.config.settings import Settings
from rfa_core.findings import ModelReport, Range
from rfa_core.receptive.resolution import Resolution
from rfa_core.receptive.verdict import Verdict

pytest.importorskip("torchvision")

pytestmark = [pytest.mark.torch, pytest.mark.zoo]

MODELS = {
    "resnet18": (76, (435, 435)),
    "resnet50": (75, (427, 427)),
    "vgg16": (165, (196, 196)),
    "inception_v3": (144, (1311, 1311)),
    "densenet121": (40, (2071, 2071)),
    "convnext_tiny": (224, (1688, 1688)),
    "vit_b_16": (16, (16, 16)),
    "swin_t": (4, (None, None)),
}


def ranged(name: str, **settings: str | bool) -> Range:
    (model,) = ranges([f"torchvision:{name}"], _settings(**settings)).models
    assert model.range is not None
    return model.range


def _settings(**settings: object) -> Settings:
    return Settings(root=str(Path.cwd()), **settings)  # type: ignore[arg-type]


def _unproductive(model: ModelReport) -> list[list[str]]:
    """The names of the unproductive layers, per resolution."""
    found = [at.with_verdict(Verdict.UNPRODUCTIVE) for at in model.resolutions]
    return [[judged.layer.name for judged in layers] for layers in found]


@pytest.mark.parametrize("name", MODELS)
def test_the_range_is_that_of_the_architecture(name: str) -> None:
    least, largest = MODELS[name]

    found = ranged(name)

    assert (found.min_resolution, found.max_resolution) == ((least, least), largest)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "settings",
    [{}, {"tie": "productive", "judge_pointwise": False}, {"judge_pooling": True}],
)
def test_a_check_passes_at_the_least_resolution_and_fails_at_one_pixel_less(
    name: str, settings: dict[str, str | bool]
) -> None:
    found = ranged(name, **settings)
    size = found.min_resolution[0]
    assert size is not None
    sizes = [Resolution((size,)), *([Resolution((size - 1,))] if size > 1 else [])]

    (model,) = check(
        [f"torchvision:{name}"], _settings(resolutions=tuple(sizes), **settings)
    ).models

    setting = [layer.name for layer in found.min_layers]
    assert _unproductive(model) == ([[], setting] if size > 1 else [[]])
    assert bool(setting) is (size > 1)


def test_a_height_and_a_width_can_be_enough_alone() -> None:
    found = ranged("inception_v3")
    height, width = (end.size for end in found.alone)
    assert (height, width) == (239, 144)

    sizes = [Resolution(image) for image in ((239, 75), (238, 75), (75, 144), (75, 143))]
    (model,) = check(["torchvision:inception_v3"], _settings(resolutions=tuple(sizes))).models

    assert [bool(names) for names in _unproductive(model)] == [False, True, False, True]


@pytest.mark.parametrize("name", ["swin_t", "swin_v2_t"])
def test_no_size_above_the_least_has_an_unproductive_layer(name: str) -> None:
    sizes = tuple(Resolution((size,)) for size in (4, 8, 31, 57, 64, 112, 225, 228, 320))

    (model,) = check([f"torchvision:{name}"], _settings(resolutions=sizes)).models

    assert _unproductive(model) == [[]] * len(sizes)
