"""Matrices, spectra, complex numbers and constant places, held to the NaN oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch_modules import Do

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional
packing = nn.utils.rnn

pytestmark = pytest.mark.torch


def cross(x: Any) -> Any:
    """Of channels that have seen 1, 3 and 5 pixels, and of a constant vector."""
    wide = F.avg_pool2d(x[:, 1:2], 3, 1, 1)
    wider = F.avg_pool2d(x[:, 2:3], 5, 1, 2)
    vectors = torch.cat([x[:, :1], wide, wider], 1)
    return torch.linalg.cross(vectors, torch.ones(1, 3, 1, 1, device=x.device), dim=1)


def determinants(x: Any) -> Any:
    return torch.linalg.det(x.permute(0, 2, 3, 1).unflatten(-1, (2, 2)))[:, None]


def inverses(x: Any) -> Any:
    matrices = x.permute(0, 2, 3, 1).unflatten(-1, (2, 2))
    return torch.linalg.inv_ex(matrices)[0].flatten(-2).permute(0, 3, 1, 2)


def rotated(x: Any) -> Any:
    """Pairs of channels as complex numbers, turned, as rotary embeddings do."""
    pairs = torch.view_as_complex(x.unflatten(1, (-1, 2)).movedim(2, -1).contiguous())
    turned = torch.view_as_real(pairs * torch.polar(torch.ones(()), torch.ones(())).to(x.device))
    return turned.movedim(-1, 2).flatten(1, 2)


def bilinear(x: Any) -> Any:
    pixels = x.permute(0, 2, 3, 1)
    mixed = F.bilinear(pixels, pixels.roll(1, 2), torch.ones(4, 4, 4, device=x.device))
    return mixed.permute(0, 3, 1, 2)


def codebook(x: Any) -> Any:
    """Distances of every position to eight learned vectors."""
    tokens = x.flatten(2).transpose(1, 2)
    distances = torch.cdist(tokens, torch.ones(1, 4, 4, device=x.device))
    return distances.transpose(1, 2).unflatten(2, x.shape[2:])


def every_third_row(x: Any) -> Any:
    rows = torch.arange(0, x.shape[2], 3)
    return x.gather(2, rows.view(1, 1, -1, 1).expand(x.shape[0], 4, -1, x.shape[3]))


def swapped_rows(x: Any) -> Any:
    order = torch.arange(x.shape[2]).view(-1, 2).flip(1).flatten()
    return torch.take_along_dim(x, order.view(1, 1, -1, 1), 2)


def shifted_box(x: Any) -> Any:
    return torch.slice_scatter(x, x[:, :, 2:, :] * 2, 2, 0, x.shape[2] - 2)


def even_rows(x: Any) -> Any:
    return torch.slice_scatter(x, x[:, :, 1::2, :], 2, 0, None, 2)


def replaced_channel(x: Any) -> Any:
    return torch.select_scatter(x, F.avg_pool2d(x[:, 1:2], 3, 1, 1)[:, 0], 1, 0)


def branches(x: Any) -> Any:
    """Each sum sees all branches before it; the convolution after it reads the middle one."""
    wide, wider = F.avg_pool2d(x[:, :1], 3, 1, 1), F.avg_pool2d(x[:, :1], 5, 1, 2)
    return torch.cat([x[:, :1], wide, wider, x[:, 1:2]], 1).cumsum(1)[:, 1:2].expand(-1, 4, -1, -1)


IMAGES: dict[str, Callable[..., Any]] = {
    "cross product": cross,
    "determinants of channels": determinants,
    "inverses of channels": inverses,
    "complex pairs": rotated,
    "bilinear form": bilinear,
    "distances to a codebook": codebook,
    "gathered rows": every_third_row,
    "rows taken along": swapped_rows,
    "slice scatter": shifted_box,
    "slice scatter with a step": even_rows,
    "select scatter": replaced_channel,
    "half a turn": lambda x: x.rot90(2, (2, 3)),
    "running maximum of channels": lambda x: x.cummax(1)[0],
    "running sum of channels": lambda x: x.cumsum(1),
    "running sum of branches": branches,
    "median of channels": lambda x: x.median(1, keepdim=True)[0].expand(-1, 4, -1, -1),
    "k-th value of channels": lambda x: x.kthvalue(2, 1, keepdim=True)[0].expand(-1, 4, -1, -1),
    "difference of neighbours": lambda x: x.diff(dim=2),
    "lower triangle of channels": lambda x: x.movedim(1, -1).tril().movedim(-1, 1),
    "mantissas": lambda x: torch.frexp(x)[0],
    "losses per pixel": lambda x: F.mse_loss(x, F.avg_pool2d(x, 3, 1, 1), reduction="none"),
    "tensor product over channels": lambda x: torch.tensordot(
        x, torch.ones(4, 4, device=x.device), dims=([1], [0])
    ).permute(0, 3, 1, 2),
    "Kronecker product": lambda x: torch.kron(x, torch.ones(1, 1, 2, 2, device=x.device)),
}  # fmt: skip


@pytest.mark.parametrize("name", IMAGES)
def test_operations_on_maps_see_what_the_oracle_sees(name: str, compare: Any) -> None:
    run = IMAGES[name]
    channels = {"cross product": 3, "determinants of channels": 1}.get(name, 4)

    observed, analysed = compare(
        name,
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), Do(run), nn.Conv2d(channels, 4, 3, padding=1)
        ),
    )

    assert analysed == observed


def test_quarter_turns_see_what_the_oracle_sees(compare: Any) -> None:
    observed, analysed = compare(
        "quarter turns",
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, (3, 1)),
            Do(lambda x: x.rot90(1, (2, 3))),
            nn.Conv2d(4, 4, (5, 1)),
            Do(lambda x: x.rot90(3, (2, 3))),
            nn.Conv2d(4, 4, (1, 3)),
        ),
        skip=("1", "2"),
        size=(3, 40, 36),
    )

    assert analysed == observed


def spectrogram(x: Any) -> Any:
    frames = torch.stft(
        x.flatten(0, 1), 8, 4, window=torch.ones(8, device=x.device), center=False,
        return_complex=True,
    )  # fmt: skip
    return frames.abs().unflatten(0, x.shape[:2]).flatten(1, 2)


def test_a_spectrogram_sees_what_the_oracle_sees(compare: Any) -> None:
    observed, analysed = compare(
        "spectrogram",
        lambda: nn.Sequential(nn.Conv1d(1, 2, 3), Do(spectrogram), nn.Conv1d(10, 4, 3)),
        size=(1, 102),
    )

    assert analysed == observed


class Chunked(nn.Module):
    """A recurrent layer over chunks of eight steps, as in dual-path networks."""

    def __init__(self, both: bool) -> None:
        super().__init__()
        self.loop = nn.GRU(4, 3 if both else 6, batch_first=True, bidirectional=both)

    def forward(self, x: Any) -> Any:
        chunks = x.unflatten(2, (-1, 8)).permute(0, 2, 3, 1)
        out, _ = self.loop(chunks.flatten(0, 1))
        return out.unflatten(0, chunks.shape[:2]).permute(0, 3, 1, 2).flatten(2)


@pytest.mark.parametrize("both", [False, True])
def test_a_recurrent_layer_over_chunks_sees_what_the_oracle_sees(both: bool, compare: Any) -> None:
    observed, analysed = compare(
        "chunks",
        lambda: nn.Sequential(nn.Conv1d(1, 4, 3, padding=1), Chunked(both), nn.Conv1d(6, 4, 3)),
        size=(1, 96),
        skip=("1.loop",),
    )

    assert analysed == observed


class Begun(nn.Module):
    """At every position a recurrent layer over channels, which begins with what another
    convolution saw there."""

    def __init__(self, kind: Any, first: bool) -> None:
        super().__init__()
        self.near, self.far = nn.Conv1d(2, 4, 3, padding=1), nn.Conv1d(2, 6, 7, padding=3)
        self.loop = kind(2, 6, batch_first=first)

    def forward(self, x: Any) -> Any:
        steps = self.near(x).unflatten(1, (2, 2)).permute(0, 3, 1, 2).flatten(0, 1)
        state = self.far(x).transpose(1, 2).flatten(0, 1)[None]
        begun = (state, state) if isinstance(self.loop, nn.LSTM) else state
        if self.loop.batch_first:
            out = self.loop(steps, begun)[0][:, -1]
        else:
            out = self.loop(hx=begun, input=steps.transpose(0, 1).contiguous())[0][-1]
        return out.unflatten(0, (len(x), -1)).transpose(1, 2)


@pytest.mark.parametrize("first", [False, True], ids=["named", "batch first"])
@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
def test_a_recurrent_layer_begins_with_what_its_first_state_has_seen(
    kind: Any, first: bool, compare: Any
) -> None:
    observed, analysed = compare(
        "begun",
        lambda: nn.Sequential(Begun(kind, first), nn.Conv1d(6, 4, 3)),
        size=(2, 40),
        skip=("0.loop",),
    )

    assert analysed == observed
    assert observed["1"] == [9]


class Told(nn.Module):
    """A recurrent layer on constants that begins with what was seen in the image."""

    def __init__(self) -> None:
        super().__init__()
        self.features, self.words = nn.Conv2d(3, 8, 3), nn.Parameter(torch.zeros(5, 1, 8))
        self.loop, self.head = nn.GRU(8, 8), nn.Linear(8, 4)

    def forward(self, x: Any) -> Any:
        seen = self.features(x).mean((2, 3))[None]
        return self.head(self.loop(self.words.expand(5, len(x), 8), seen)[0])


def test_constants_behind_a_first_state_that_saw_the_image_have_seen_it(layers_of: Any) -> None:
    layers = {layer.name: layer for layer in layers_of(Told, (3, 16, 16))}

    assert [layers[name].output.max for name in ("loop", "head")] == [(None, None)] * 2
    assert layers["head"].output.global_context


class Packed(nn.Module):
    """A recurrent layer on a packed sequence, of which the steps or the last state are used."""

    def __init__(self, kind: Any, steps: bool) -> None:
        super().__init__()
        self.steps, self.loop, self.head = steps, kind(2, 8), nn.Linear(8, 4)

    def forward(self, x: Any) -> Any:
        lengths = torch.full((len(x),), x.shape[2])
        steps, last = self.loop(packing.pack_padded_sequence(x.permute(2, 0, 1), lengths))
        state = last[0] if isinstance(last, tuple) else last
        return self.head(packing.pad_packed_sequence(steps)[0] if self.steps else state)


@pytest.mark.parametrize(("kind", "steps"), [(nn.LSTM, True), (nn.LSTM, False), (nn.GRU, False)])
def test_what_comes_behind_a_packed_sequence_is_listed_and_said_to_be_a_bound(
    kind: Any, steps: bool, layers_of: Any
) -> None:
    layers = {layer.name: layer for layer in layers_of(lambda: Packed(kind, steps), (2, 30))}

    assert layers["head"].output.global_context
    assert "a recurrent layer on packed sequences is not understood" in layers["head"].inexact


@pytest.mark.parametrize(
    "run",
    [
        lambda x: x.diagonal(dim1=2, dim2=3),
        lambda x: x.diagonal(2, 3, 2),
        lambda x: x.diagonal(-3, 2, 3),
        lambda x: torch.einsum("bchh->bch", x),
    ],
    ids=["main", "above", "below", "einsum"],
)
def test_a_diagonal_sees_what_the_oracle_sees(run: Callable[..., Any], layers_of: Any) -> None:
    size = 24
    model = nn.Sequential(nn.Conv2d(3, 4, (3, 5), padding=(1, 2)), Do(run), nn.Conv1d(4, 4, 3))
    rows, columns = (torch.full((size, 3, size, size), 0.5) for _ in range(2))
    for n in range(size):
        rows[n, :, n], columns[n, :, :, n] = float("nan"), float("nan")

    layer = layers_of(lambda: model, (3, size, size))[-1]

    seen = [model(batch).isnan().any(1)[:, 8:12].sum(0).max() for batch in (rows, columns)]
    assert layer.exact
    assert list(layer.output.max) == [int(count) for count in seen]
