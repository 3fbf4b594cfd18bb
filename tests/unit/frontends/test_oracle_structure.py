"""What is said about the structure of a network, against what running it shows.

Sample ``n`` of a batch has NaN in row ``n``: an output that is NaN there reads that row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest

from rfa_core.receptive.facts import Holes, Misalignment, SkippedPositions, UnevenSamples, find_fact
from rfa_core.receptive.facts import UnreadBorder as Unread
from rfa_core.receptive.layers import Layer

if TYPE_CHECKING:
    from torch import Tensor, nn

pytestmark = pytest.mark.torch

LayersOf = Callable[..., tuple[Layer, ...]]

SIZE = 48


def rows_read(build: Callable[[], nn.Module]) -> list[list[int]]:
    """For every row of the output, the rows of the image that it reads."""
    import torch

    torch.manual_seed(0)
    batch = torch.full((SIZE, 2, SIZE, 8), 0.5)
    for row in range(SIZE):
        batch[row, :, row] = float("nan")
    with torch.no_grad(), torch.backends.nnpack.flags(False):
        spoilt = build().eval()(batch).isnan().any(3).any(1)
    return [spoilt[:, row].nonzero().flatten().tolist() for row in range(spoilt.shape[1])]


def stack(*convolutions: dict[str, int]) -> Callable[[], nn.Module]:
    """Convolutions over rows alone, one behind the other."""

    def build() -> nn.Module:
        from torch import nn

        return nn.Sequential(
            *(
                nn.Conv2d(2, 2, (one.pop("k"), 1), **{key: (v, 1) for key, v in one.items()})
                for one in map(dict, convolutions)
            )
        )

    return build


def rates(*dilations: int) -> list[dict[str, int]]:
    return [{"k": 3, "dilation": rate} for rate in dilations]


@pytest.mark.parametrize(
    "convolutions",
    [
        rates(1, 2, 5),
        rates(2, 2, 2),
        rates(2, 4, 8),
        rates(1, 2, 9),
        rates(4, 1),
        [{"k": 3, "stride": 2}, *rates(2, 3)],
        [{"k": 7, "stride": 2}, *rates(2)],
    ],
    ids=lambda convolutions: "-".join(str(one.get("dilation", "s")) for one in convolutions),
)
def test_holes_are_the_rows_that_no_output_reads(
    convolutions: Sequence[dict[str, int]], layers_of: LayersOf
):
    pytest.importorskip("torch")
    build = stack(*convolutions)
    rows = rows_read(build)
    middle = rows[len(rows) // 2]

    claim = find_fact(layers_of(build, (2, SIZE, 8))[len(convolutions) - 1].structure, Holes)

    span = middle[-1] - middle[0] + 1
    dilated = convolutions[-1].get("dilation", 1) > 1
    expected = Holes((len(middle), 1), (span, 1)) if len(middle) < span and dilated else None
    assert claim == expected


@pytest.mark.parametrize(("k", "stride", "dilation"), [(3, 2, 1), (4, 4, 1), (5, 3, 1), (2, 3, 2)])
def test_an_unread_border_is_one_that_no_output_reads(
    k: int, stride: int, dilation: int, layers_of: LayersOf
):
    pytest.importorskip("torch")
    build = stack({"k": k, "stride": stride, "dilation": dilation})
    last = max(row for rows in rows_read(build) for row in rows)

    claim = find_fact(layers_of(build, (2, SIZE, 8))[0].structure, Unread)

    assert claim == (Unread((SIZE - 1 - last, 0)) if last < SIZE - 1 else None)


@pytest.mark.parametrize(("k", "stride", "dilation"), [(1, 2, 1), (2, 3, 1), (3, 2, 2), (3, 2, 1)])
def test_skipped_positions_are_those_that_no_output_reads(
    k: int, stride: int, dilation: int, layers_of: LayersOf
):
    pytest.importorskip("torch")
    build = stack({"k": k, "stride": stride, "dilation": dilation})
    read = {row for rows in rows_read(build) for row in rows}
    inside = range(12, 12 + 6 * stride)

    claim = find_fact(layers_of(build, (2, SIZE, 8))[0].structure, SkippedPositions)

    share = len(read.intersection(inside)) / len(inside)
    assert (claim.read if claim else (1, 1)) == (pytest.approx(share), 1)


@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (5, 3), (1, 2), (4, 2), (6, 3)])
def test_a_checkerboard_is_one_of_the_numbers_of_rows_read(
    kernel: int, stride: int, layers_of: LayersOf
):
    torch = pytest.importorskip("torch")

    def build() -> nn.Module:
        made: nn.Module = torch.nn.ConvTranspose2d(2, 2, (kernel, 1), (stride, 1))
        return made

    rows = rows_read(build)
    counts = {len(rows[row]) for row in range(20 * stride, 22 * stride)}

    claim = find_fact(layers_of(build, (2, SIZE, 8))[0].structure, UnevenSamples)

    assert (set(claim.phases[0]) if claim else {kernel // stride}) == counts


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize(("kernel", "pixels"), [(3, 0.0), (4, 0.5), (5, 0.0), (6, 0.5)])
def test_a_shift_is_that_of_the_rows_that_the_branch_reads(
    kernel: int, pixels: float, layers_of: LayersOf
):
    torch = pytest.importorskip("torch")

    class Residual(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.conv = torch.nn.Conv2d(2, 2, kernel, padding="same")

        def forward(self, image: Tensor) -> Tensor:
            return image + self.conv(image)

    def branch() -> nn.Module:
        made: nn.Module = torch.nn.Conv2d(2, 2, (kernel, 1), padding="same")
        return made

    middle = rows_read(branch)[SIZE // 2]
    shift = (middle[0] + middle[-1]) / 2 - SIZE // 2

    merge = layers_of(Residual, (2, SIZE, SIZE))[-1]

    claim = find_fact(merge.structure, Misalignment)
    assert abs(shift) == pixels
    assert (claim.pixels if claim else (0, 0)) == (pixels, pixels)
