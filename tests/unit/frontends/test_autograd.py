"""A second witness: the gradient of one element with respect to the input.

All weights and pixels are positive, in double precision, so that no path cancels another and
no activation cuts one off.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rfa_core.frontends import frontend_of  # noqa: E402
from rfa_core.frontends.base import input_spec  # noqa: E402
from rfa_core.receptive.claims import claims  # noqa: E402

nn = torch.nn

pytestmark = pytest.mark.torch

SIZE = (96, 80)


class Block(nn.Module):
    """The basic block of ResNet-18."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(after)
        self.second = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.around = nn.Conv2d(before, after, 1, stride)

    def forward(self, x: Any) -> Any:
        body = self.second(self.norm(self.first(x)).relu())
        return (body + self.around(x)).relu()


def residual() -> Any:
    stem = [nn.Conv2d(3, 4, 7, 2, 3), nn.ReLU(), nn.AvgPool2d(3, 2, 1)]
    return nn.Sequential(*stem, Block(4, 4, 1), Block(4, 8, 2))


def dilated() -> Any:
    wide = nn.Conv2d(4, 4, (3, 5), dilation=(4, 2), padding=(4, 4))
    return nn.Sequential(nn.Conv2d(3, 4, (3, 5), padding=(1, 2)), nn.ReLU(), wide)


def hourglass() -> Any:
    up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
    last = nn.ConvTranspose2d(4, 2, 3, 2, 1, 1)
    return nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.Conv2d(4, 4, 3, 2, 1), up, last)


def positive(model: Any) -> Any:
    torch.manual_seed(0)
    for parameter in model.parameters():
        nn.init.uniform_(parameter, 0.1, 1.0)
    return model.double().eval()


@pytest.mark.parametrize("build", [residual, dilated, hourglass])
def test_the_gradient_is_not_zero_exactly_inside_the_claimed_footprint(build: Any) -> None:
    model = positive(build())
    spec = input_spec((1, 3, "H", "W"), "given")
    graph = frontend_of(model).trace(model, spec, SIZE, "network")
    image = torch.rand(1, 3, *SIZE, dtype=torch.float64).add(0.1).requires_grad_()
    out = model(image)
    rows, columns = (size // 2 for size in out.shape[2:])
    claimed = [found[graph.outputs[0]] for found in claims(graph)]

    for element in [(0, 0, rows, columns), (0, 1, rows + 1, columns - 1)]:
        (gradient,) = torch.autograd.grad(out[element], image, retain_graph=True)

        reached = gradient[0].amax(0) != 0
        for axis, claim in enumerate(claimed):
            low, high = (
                int(np.broadcast_to(end, out.shape)[element]) for end in (claim.low, claim.high)
            )
            seen = reached.any(1 - axis).nonzero().flatten().tolist()
            assert low > 0 and high < SIZE[axis] - 1
            assert (seen[0], seen[-1]) == (low, high)
            if build is not dilated:
                assert seen == list(range(low, high + 1))
