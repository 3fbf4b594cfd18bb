"""Operations of which only data can tell what they read: bounded, marked and explained.

Beside them those that see everything along a dimension, whatever the data: global and exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.torch

Run = Callable[..., Any]


class Then(nn.Module):
    """A convolution of 3x3, a function of its 4 channels of 18x18, and what reads the result."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.first, self.last, self.run = nn.Conv2d(3, 4, 3), nn.PReLU(), run

    def forward(self, x: Any) -> Any:
        return self.last(self.run(self.first(x)).float())


def write_to(x: Any, places: Any) -> Any:
    x[:, :, places] = 1.0
    return x


def ops() -> Any:
    return pytest.importorskip("torchvision").ops


def where_it_points(x: Any) -> Any:
    return x.long().abs() % 3


COMPUTED = "indices are computed, their values are not known before the model runs"
PLACES = "values are written to computed places"
SORT = "sort orders positions by their values"
UNIQUE = "unique chooses positions by their values"

KEPT, GLOBAL = (3, 3), (None, None)

BOUNDED: dict[str, tuple[Run, tuple[int | None, ...], tuple[str, ...]]] = {
    "grid_sample": (
        lambda x: F.grid_sample(x, x[:, :2].permute(0, 2, 3, 1), align_corners=False),
        KEPT,
        ("grid_sample reads positions that data decide",),
    ),
    "a predicted affine grid": (
        lambda x: F.grid_sample(
            x, F.affine_grid(x[:, :2, 0, :3], list(x.shape), align_corners=False),
            align_corners=False,
        ),
        KEPT,
        ("an affine grid is computed from data", "grid_sample reads positions that data decide"),
    ),
    "deformable convolution": (
        lambda x: ops().deform_conv2d(
            x, x.new_ones(1, 18, 16, 16) * x.mean(), x.new_ones(4, 4, 3, 3)
        ),
        (5, 5),
        ("a deformable convolution reads positions that data decide",),
    ),
    "RoI align": (
        lambda x: ops().roi_align(x, [x.new_ones(1, 4)], 5),
        KEPT,
        ("RoI align reads boxes that data decide",),
    ),
    "position-sensitive RoI align": (
        lambda x: ops().ps_roi_align(x, [x.new_ones(1, 4)], 2),
        KEPT,
        ("RoI align reads boxes that data decide",),
    ),
    "RoI pooling": (
        lambda x: ops().roi_pool(x, [x.new_ones(1, 4)], 5),
        KEPT,
        ("RoI pooling reads boxes that data decide",),
    ),
    "non-maximum suppression": (
        lambda x: ops().nms(x[0, 0, :, :4], x[0, 0, :, 0], 0.5),
        GLOBAL,
        ("non-maximum suppression chooses boxes by their scores",),
    ),
    "computed indices": (lambda x: x[:, :, x[0, 0, 0].long()], KEPT, (COMPUTED,)),
    "a mask as index": (lambda x: x[x > -1e9], GLOBAL, (COMPUTED,)),
    "gather": (lambda x: x.gather(2, where_it_points(x)), KEPT, (COMPUTED,)),
    "take_along_dim": (
        lambda x: torch.take_along_dim(x, x.argsort(2), 2), KEPT, (SORT, COMPUTED)
    ),
    "take": (lambda x: x.take(where_it_points(x)), KEPT, ("take reads computed indices",)),
    "a computed embedding": (
        lambda x: F.embedding(where_it_points(x[0, 0]), x[0, 0]), GLOBAL, (COMPUTED,)
    ),
    "an embedding bag": (
        lambda x: F.embedding_bag(where_it_points(x[0, 0]), x.new_ones(3, 4)),
        GLOBAL,
        ("an embedding bag is filled by computed indices",),
    ),
    "top-k": (lambda x: x.topk(4, 1)[0], KEPT, ("top-k chooses positions by their values",)),
    "sort": (lambda x: x.sort(2)[0], KEPT, (SORT,)),
    "argsort": (lambda x: x.argsort(2), KEPT, (SORT,)),
    "quantile": (lambda x: x.quantile(0.5, 2, keepdim=True), (None, 3), (SORT, COMPUTED)),
    "masked_select": (
        lambda x: x.masked_select(x > -1e9), GLOBAL, ("a mask chooses positions",)
    ),
    "nonzero": (
        lambda x: (x > -1e9).nonzero(), GLOBAL, ("nonzero chooses positions by their values",)
    ),
    "where with one argument": (
        lambda x: torch.where(x > -1e9)[0],
        GLOBAL,
        ("nonzero chooses positions by their values",),
    ),
    "unique": (lambda x: x.unique(), GLOBAL, (UNIQUE,)),
    "unique neighbours": (lambda x: x.unique_consecutive(), GLOBAL, (UNIQUE,)),
    "multinomial": (
        lambda x: (x[0, 0].abs() + 1).multinomial(2),
        KEPT,
        ("multinomial draws positions by their values",),
    ),
    "scatter": (
        lambda x: torch.zeros_like(x).scatter_(2, where_it_points(x), x),
        KEPT,
        ("scatter writes to computed indices",),
    ),
    "scatter_add": (
        lambda x: x.scatter_add(2, where_it_points(x), x),
        KEPT,
        ("scatter writes to computed indices",),
    ),
    "scatter_reduce": (
        lambda x: x.scatter_reduce(2, where_it_points(x), x, "amax"),
        KEPT,
        ("scatter writes to computed indices",),
    ),
    "Gumbel softmax, hard": (
        lambda x: F.gumbel_softmax(x, dim=1, hard=True),
        KEPT,
        ("scatter writes to computed indices",),
    ),
    "writing to computed places": (
        lambda x: write_to(x.clone(), x[0, 0, 0].long().abs() % 18), KEPT, (PLACES,)
    ),
    "index_add": (
        lambda x: x.index_add(2, where_it_points(x[0, 0, 0]), x), KEPT, (PLACES,)
    ),
    "put": (lambda x: x.put(where_it_points(x), x), KEPT, (PLACES,)),
    "masked_scatter": (
        lambda x: x.masked_scatter(x > 0, x),
        KEPT,
        ("a mask decides which value goes where",),
    ),
    "searchsorted among computed values": (
        lambda x: torch.searchsorted(x, x), KEPT, ("values are compared with computed ones",)
    ),
    "unpooling": (
        lambda x: F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2),
        (4, 4),
        ("max_unpool writes where an earlier maximum was found",),
    ),
    "fractional pooling": (
        lambda x: F.fractional_max_pool2d(x, 2, output_size=8),
        KEPT,
        ("fractional pooling draws its windows at random",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOUNDED)
def test_what_data_decide_is_bounded_and_explained(name: str, layers_of: Any) -> None:
    run, least, reasons = BOUNDED[name]

    last = layers_of(lambda: Then(run), (3, 20, 20))[-1]

    assert (last.name, last.inexact) == ("last", reasons)
    assert last.output.min == least
    assert last.output.global_context


def matrices(x: Any) -> Any:
    """One regular matrix per channel."""
    return x + 100 * torch.eye(18, device=x.device)


WHOLE: dict[str, tuple[Run, tuple[int | None, ...]]] = {
    "fft": (lambda x: torch.fft.fft(x).real, (3, None)),
    "ifft": (lambda x: torch.fft.ifft(x, dim=2).imag, (None, 3)),
    "rfft and its inverse": (lambda x: torch.fft.irfft(torch.fft.rfft(x)), (3, None)),
    "hfft": (lambda x: torch.fft.hfft(x), (3, None)),
    "ihfft": (lambda x: torch.fft.ihfft(x).abs(), (3, None)),
    "rfft2 and its inverse": (
        lambda x: torch.fft.irfft2(torch.fft.rfft2(x) * 2, s=x.shape[-2:]), GLOBAL
    ),
    "rfft2 as channels": (
        lambda x: torch.view_as_real(torch.fft.rfft2(x)).flatten(-2), GLOBAL
    ),
    "fftn and its inverse": (lambda x: torch.fft.ifftn(torch.fft.fftn(x)).real, GLOBAL),
    "cumsum": (lambda x: x.cumsum(2), (None, 3)),
    "cumprod": (lambda x: x.cumprod(3), (3, None)),
    "cummax": (lambda x: x.cummax(2)[0], (None, 3)),
    "logcumsumexp": (lambda x: x.logcumsumexp(3), (3, None)),
    "inverse": (lambda x: torch.linalg.inv(matrices(x)), GLOBAL),
    "pseudo-inverse": (lambda x: torch.linalg.pinv(matrices(x)), GLOBAL),
    "solve": (lambda x: torch.linalg.solve(matrices(x), x), GLOBAL),
    "solve for a vector": (lambda x: torch.linalg.solve(matrices(x), x[..., 0]), (None, 3)),
    "determinant": (lambda x: torch.linalg.det(matrices(x)), GLOBAL),
    "log-determinant": (lambda x: torch.linalg.slogdet(matrices(x))[1], GLOBAL),
    "singular values": (lambda x: torch.linalg.svdvals(x), GLOBAL),
    "singular vectors": (lambda x: torch.linalg.svd(x)[0], GLOBAL),
    "QR": (lambda x: torch.linalg.qr(x)[1], GLOBAL),
    "eigenvalues": (lambda x: torch.linalg.eigvalsh(matrices(x)), GLOBAL),
    "Cholesky": (lambda x: torch.linalg.cholesky(matrices(x - x)), GLOBAL),
    "matrix exponential": (lambda x: torch.linalg.matrix_exp(x), GLOBAL),
    "LU": (lambda x: torch.linalg.lu_factor(matrices(x))[0], GLOBAL),
    "distances of all pairs": (lambda x: F.pdist(x[0, 0]), GLOBAL),
    "trace": (lambda x: x[0, 0].trace()[None], GLOBAL),
    "histogram": (lambda x: x.histc(10), GLOBAL),
    "bincount": (lambda x: where_it_points(x).flatten().bincount(), GLOBAL),
    "quantities of a loss": (lambda x: F.mse_loss(x, 2 * x)[None], GLOBAL),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_what_sees_everything_is_global_and_exact(name: str, layers_of: Any) -> None:
    run, sizes = WHOLE[name]

    last = layers_of(lambda: Then(run), (3, 20, 20))[-1]

    assert (last.name, last.inexact) == ("last", ())
    assert (last.output.min, last.output.max) == (sizes, sizes)
    assert last.output.global_context


LOCAL: dict[str, Run] = {
    "a spectrum's halves swapped": lambda x: torch.fft.fftshift(x, dim=(2, 3)),
    "a codebook looked up": lambda x: F.embedding(x.argmax(1), x.new_ones(4, 8)),
    "one-hot classes": lambda x: F.one_hot(where_it_points(x), 3),
    "Gumbel softmax": lambda x: F.gumbel_softmax(x, dim=1),
    "values sorted into constant bounds": lambda x: torch.bucketize(x, torch.arange(5.0)),
    "searchsorted": lambda x: torch.searchsorted(torch.arange(5.0), x),
    "isin": lambda x: torch.isin(x, torch.tensor([1.0])),
    "Bernoulli draws": lambda x: x.sigmoid().bernoulli(),
    "a constant mask beside a list": lambda x: x[:, torch.eye(4, 18).bool(), [2, 5, 9, 11]],
    "numbers of the type of others": lambda x: x + torch.arange(18).type(x.data.type()),
    "rows normalised": lambda x: x.renorm(2, 1, 1.0),
    "writing to every second row": lambda x: x.index_fill(2, torch.arange(0, 18, 2), 0.0),
}


@pytest.mark.parametrize("name", LOCAL)
def test_what_data_do_not_move_keeps_its_footprint(name: str, layers_of: Any) -> None:
    last = layers_of(lambda: Then(LOCAL[name]), (3, 20, 20))[-1]

    assert (last.name, last.inexact) == ("last", ())
    assert (last.output.max, last.output.global_context) == (KEPT, False)


class Steps(nn.Module):
    """A recurrent cell in a loop over the rows, fed with a window of three of them."""

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.first, self.cell, self.last = nn.Conv1d(2, 4, 3), kind(4, 5), nn.Hardtanh()

    def forward(self, x: Any) -> Any:
        state, out = None, []
        for step in self.first(x).unbind(2):
            state = self.cell(step, state)
            out.append(state[0] if isinstance(state, tuple) else state)
        return self.last(torch.stack(out, 2))


@pytest.mark.parametrize("kind", [nn.RNNCell, nn.GRUCell, nn.LSTMCell])
def test_a_cell_in_a_loop_sees_all_steps_before(kind: Any, layers_of: Any) -> None:
    last = layers_of(lambda: Steps(kind), (2, 22))[-1]

    assert (last.name, last.inexact) == ("last", ())
    assert last.output.max == (17,)


class Sequence(nn.Module):
    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.first, self.loop, self.last = nn.Conv1d(2, 4, 3), kind(4, 5), nn.Hardtanh()

    def forward(self, x: Any) -> Any:
        return self.last(self.loop(self.first(x).permute(2, 0, 1))[0])


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_recurrent_layer_is_global_along_time(kind: Any, layers_of: Any) -> None:
    last = layers_of(lambda: Sequence(kind), (2, 22))[-1]

    assert (last.name, last.inexact) == ("last", ())
    assert (last.output.min, last.output.max) == ((None,), (None,))
