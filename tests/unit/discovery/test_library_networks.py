"""Networks that a library on PyTorch makes, found without importing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from rfa_core.discovery.scan import scan

Tree = Callable[[Mapping[str, str]], str]


@pytest.mark.parametrize(
    ("imports", "made"),
    [
        ("import segmentation_models_pytorch as smp", "smp.Unet('resnet34')"),
        ("from monai.networks import nets", "nets.UNet(3, 1, 2, (8, 16), (2,))"),
        ("from monai.networks.nets import resnet18", "resnet18(spatial_dims=3)"),
        ("from efficientnet_pytorch import EfficientNet", "EfficientNet.from_name('b0')"),
    ],
)
def test_a_network_of_a_library_is_a_model(tree: Tree, imports: str, made: str) -> None:
    root = tree({"nets.py": f"{imports}\n\ndef make():\n    return {made}\n"})

    (target,) = scan(["."], root, ()).targets

    assert (target.name, target.framework) == ("nets.py::make", "torch")


def test_a_class_of_a_library_network_is_a_model(tree: Tree) -> None:
    source = "from monai.networks.nets import UNet\n\nclass Mine(UNet):\n"
    init = "    def __init__(self):\n        super().__init__(3, 1, 2, (8,), ())\n"
    root = tree({"nets.py": f"{source}{init}"})

    (target,) = scan(["."], root, ()).targets

    assert (target.name, target.framework) == ("nets.py::Mine", "torch")


@pytest.mark.parametrize(
    "made", ["blocks.Convolution(3, 1, 8)", "losses.DiceLoss()", "transforms.Compose([])"]
)
def test_what_is_no_network_of_a_library_is_none(tree: Tree, made: str) -> None:
    source = "from monai import losses, transforms\nfrom monai.networks import blocks\n"
    root = tree({"nets.py": f"{source}\ndef make():\n    return {made}\n"})

    assert scan(["."], root, ()).targets == ()
