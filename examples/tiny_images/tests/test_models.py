import pytest
import torch
from tiny_images.models import resnet18_imagenet_stem, resnet18_small_stem


@pytest.mark.parametrize("factory", [resnet18_imagenet_stem, resnet18_small_stem])
def test_a_model_gives_one_score_per_class(factory):
    model = factory(classes=7).eval()

    with torch.inference_mode():
        scores = model(torch.zeros(2, 3, 32, 32))

    assert scores.shape == (2, 7)
