"""Torchvision's classifiers, one of each family, held to the NaN oracle on both axes.

The others differ in depth and width; ``rfa verify 'torchvision:*'`` does them all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rfa_core.agreement import Verification
from rfa_core.api import verify
from rfa_core.config.settings import Settings
from rfa_core.receptive.resolution import Resolution
from rfa_core.testing import verify as verify_model

pytest.importorskip("torchvision")

pytestmark = [pytest.mark.torch, pytest.mark.zoo]

FAMILIES = (
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "efficientnet_v2_s",
    "googlenet",
    "inception_v3",
    "mnasnet0_5",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "regnet_y_400mf",
    "resnet18",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
    "swin_t",
    "swin_v2_t",
    "vgg11",
)


def verified(name: str, resolution: Resolution | None = None) -> Verification:
    (found,) = verify([f"torchvision:{name}"], Settings(root=str(Path.cwd())), resolution)
    return found


@pytest.mark.parametrize("name", FAMILIES)
def test_every_judged_layer_is_as_a_forward_pass_shows_it(name: str) -> None:
    found = verified(name)

    assert found.error == ""
    assert found.differences == ()
    assert found.missed == ()
    assert found.agrees


def test_a_transformer_of_one_size_is_local_up_to_its_patches_and_global_beyond() -> None:
    found = verified("vit_b_32")

    assert (found.differences, found.missed) == ((), ())
    outcomes = {layer.name: tuple(map(str, layer.outcomes)) for layer in found.layers}
    assert outcomes["conv_proj"] == ("agrees", "agrees")
    assert outcomes["encoder.layers.encoder_layer_11.mlp.0"] == ("agrees", "agrees")
    assert outcomes["encoder.layers.encoder_layer_0.self_attention.linear_2"] == (
        "global", "global",
    )  # fmt: skip


def test_block_and_grid_attention_of_maxvit_where_something_is_left_to_see() -> None:
    """Grid attention sees three quarters of any map of this model: one block, then, no more."""
    from torchvision.models.maxvit import MaxVit

    found = verify_model(MaxVit((256, 256), 8, 4, [16], [1], 8, 0.0), 256)

    judged = {layer.name: tuple(map(str, layer.outcomes)) for layer in found.layers if layer.judged}
    assert found.differences == ()
    assert set(judged.values()) == {("agrees", "agrees")}
    assert len(judged) == 14
