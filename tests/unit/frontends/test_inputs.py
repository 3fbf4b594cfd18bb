"""What models are fed where nobody says it: one tensor or several, of any shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from several_inputs import Siamese, SoundAndSight, TwoStream, volume

import rfa_core as rfa

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.torch


class Timed(nn.Module):
    """An image, and a step that is looked up, as diffusion models take it."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = nn.Embedding(100, 4)
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Any, step: Any) -> Any:
        return self.conv(x) + self.steps(step)[:, :, None, None]


class OutOfOrder(nn.Module):
    """The head stands before the body."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Conv2d(16, 2, 1)
        self.body = nn.Conv2d(5, 16, (3, 7))

    def forward(self, x: Any) -> Any:
        return self.head(self.body(x))


class Waveform(nn.Module):
    """Adds the channel itself."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 16, 8)

    def forward(self, x: Any) -> Any:
        assert x.dim() == 2
        return self.conv(x.unsqueeze(1))


class Spectrogram(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, (3, 9))

    def forward(self, x: Any) -> Any:
        assert x.dim() == 3
        return self.conv(x.unsqueeze(1))


class Patches(nn.Module):
    """Embeds patches with a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(3 * 4 * 4, 8)

    def forward(self, x: Any) -> Any:
        x = F.pixel_unshuffle(x, 4)
        return self.embed(x.permute(0, 2, 3, 1))


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(7, 7, 3, padding=1)
        self.gru = nn.GRU(5, 7, batch_first=True)
        self.first = self.gru

    def forward(self, x: Any) -> Any:
        return self.conv(self.gru(x)[0].transpose(1, 2))


class FromList(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, images: list[torch.Tensor]) -> Any:
        return self.conv(torch.stack([image * 2 for image in images]))


class Pair(nn.Module):
    """Two images that it joins before the first convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3)

    def forward(self, before: Any, after: Any) -> Any:
        return self.conv(torch.cat([before, after], 1))


class Labelled(nn.Module):
    """An image, and numbers that become channels of it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3 + 5, 4, 3)

    def forward(self, image: Any, labels: Any) -> Any:
        return self.conv(torch.cat([image, self.planes(labels, image)], 1))

    def planes(self, labels: Any, image: Any) -> Any:
        return labels[:, :, None, None].expand(-1, -1, *image.shape[2:])


class Coded(Labelled):
    """The same, with a code that is not as wide as the channels it becomes."""

    def __init__(self) -> None:
        super().__init__()
        self.code = nn.Linear(7, 5)

    def planes(self, labels: Any, image: Any) -> Any:
        return super().planes(self.code(labels), image)


class Channels(nn.Module):
    """A sequence whose channels come last."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(88, 4, 3)

    def forward(self, x: Any) -> Any:
        return self.conv(x.transpose(1, 2))


class Series(nn.Module):
    """Images of one place in a row, each through the same layer; made for one size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(5, 4, 3)
        self.place = nn.Parameter(torch.zeros(4, 126, 126))

    def forward(self, x: Any) -> Any:
        batch, count, channels, height, width = x.shape
        seen = self.conv(x.reshape(batch * count, channels, height, width)) + self.place
        return seen.view(batch, count, *seen.shape[1:]).mean(1)


class Clip(nn.Module):
    """Frames after the channels, each through the same layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(5, 4, 3)

    def forward(self, x: Any) -> Any:
        return torch.stack([self.conv(frame) for frame in x.unbind(2)]).mean(0)


class Stack(nn.Module):
    """A volume of images, the channels after the depth."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv3d(5, 4, 3)

    def forward(self, x: Any) -> Any:
        return self.conv(x.permute(0, 2, 1, 3, 4))


class Stepwise(nn.Module):
    """A recurrent cell that sees one number after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(1, 4)

    def forward(self, x: Any) -> Any:
        state = torch.zeros(len(x), 4, device=x.device)
        for step in x.split(1, dim=1):
            state = self.cell(step, state)
        return state


class Masked(nn.Module):
    """Masks the spectrum of what it hears, however that is shaped."""

    def __init__(self) -> None:
        super().__init__()
        self.masker = nn.Conv2d(1, 1, 3, padding=1)
        self.kernels = nn.Parameter(torch.zeros(8, 1, 16))

    def forward(self, wav: Any) -> Any:
        spectrum = F.conv1d(wav.flatten(1)[:, None], self.kernels, stride=8)
        return self.masker(spectrum[:, None])


class Heard(nn.Module):
    """The same, through a convolution that is registered last."""

    def __init__(self) -> None:
        super().__init__()
        self.masker = nn.Conv2d(1, 1, 3, padding=1)
        self.ear = nn.Conv1d(2, 8, 16, 8)

    def forward(self, waveform: Any) -> Any:
        return self.masker(self.ear(waveform)[:, None])


GUESSED: dict[str, tuple[Callable[[], Any], str, str]] = {
    "two streams": (
        TwoStream,
        "48x64",
        "[1, 3, 48, 64], [1, 2, 48, 64], guessed from colours.0 and forward(rgb, flow)",
    ),
    "two of the same": (
        Siamese,
        "48x64",
        "[1, 3, 48, 64], [1, 3, 48, 64], guessed from tower.0 and forward(left, right)",
    ),
    "sound and sight": (
        SoundAndSight,
        "99x48x64",
        "[1, 2, 99], [1, 3, 48, 64], guessed from ear.0 and forward(audio, image)",
    ),
    "an image and a step": (
        Timed,
        "48x64",
        "[1, 3, 48, 64], [1], guessed from conv and forward(x, step), as whole numbers",
    ),
    "layers out of order": (OutOfOrder, "48x64", "[1, 5, 48, 64], guessed from body"),
    "raw sound": (
        Waveform,
        "400",
        "[1, 400], guessed from conv, which a batch without channels may precede",
    ),
    "sound by its name": (Masked, "400", "[1, 400], named by forward(wav)"),
    "sound with channels": (Heard, "400", "[1, 2, 400], guessed from ear"),
    "a spectrogram": (
        Spectrogram,
        "40x99",
        "[1, 40, 99], guessed from conv, which a batch without channels may precede",
    ),
    "linear patches": (Patches, "48x64", "[1, 3, 48, 64], an image of 3 channels is assumed"),
    "a recurrent layer": (Tagger, "30", "[1, 30, 5], guessed from gru"),
    "a recurrent cell": (Stepwise, "30", "[1, 30], guessed from cell"),
    "a transformer": (
        lambda: nn.TransformerEncoderLayer(16, 2),
        "30",
        "[30, 1, 16], guessed from self_attn",
    ),
    "two that share the channels": (
        Pair,
        "48x64",
        "[1, 2, 48, 64], [1, 2, 48, 64], guessed from conv and forward(before, after)",
    ),
    "an image and numbers": (
        Labelled,
        "48x64",
        "[1, 3, 48, 64], [1, 5], guessed from conv and forward(image, labels)",
    ),
    "an image and a code": (
        Coded,
        "48x64",
        "[1, 3, 48, 64], [1, 7], guessed from conv and forward(image, labels)",
    ),
    "channels at the end": (
        Channels,
        "30",
        "[1, 30, 88], guessed from conv, with the channels last",
    ),
    "images in series": (
        Series,
        "128",
        "[1, 4, 5, 128, 128], guessed from conv, with 4 images in series",
    ),
    "frames of a clip": (
        Clip,
        "48x64",
        "[1, 5, 4, 48, 64], guessed from conv, with 4 images in series",
    ),
    "a volume of images": (
        Stack,
        "12x24x36",
        "[1, 12, 5, 24, 36], guessed from conv, with the channels second to the depth",
    ),
    "a volume": (volume, "12x24x36", "[1, 1, 12, 24, 36], guessed from 0"),
    "a list": (FromList, "48x64", "[1, 3, 48, 64] in a list, without the batch dimension, "
               "guessed from conv"),
}  # fmt: skip


@pytest.mark.parametrize("name", GUESSED)
def test_the_input_is_guessed_and_the_guess_said(name: str) -> None:
    build, resolution, said = GUESSED[name]

    analysis = rfa.analyse(build(), resolution)

    assert analysis.model.notes == (f"input {said}",)


def test_of_guesses_that_come_equally_far_the_likeliest_is_fitted_to_the_model() -> None:
    digits = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))

    analysis = rfa.analyse(digits, 64)

    assert analysis.model.resolutions[0].traced_at == (28, 28)
    assert analysis.model.notes == ("input [1, 1, 28, 28], guessed from 0",)


def test_a_guess_may_run_at_neither_the_size_asked_for_nor_the_usual_one() -> None:
    analysis = rfa.analyse(Series(), 64)

    assert analysis.model.resolutions[0].traced_at == (128, 128)
    assert analysis.model.notes == (
        "input [1, 4, 5, 128, 128], guessed from conv, with 4 images in series",
    )


def test_a_model_without_convolutions_is_fed_what_its_settings_name() -> None:
    class Tokens(nn.Module):
        """Patches by a linear layer; its table of places looks like a kernel."""

        def __init__(self) -> None:
            super().__init__()
            self.places = nn.Parameter(torch.zeros(2, 16, 8))
            self.project = nn.Linear(16, 8)
            self.default_cfg = {"input_size": (1, 16, 16)}

        def forward(self, x: Any) -> Any:
            patches = x.unfold(2, 4, 4).unfold(3, 4, 4).flatten(4).flatten(1, 3)
            return self.project(patches) + self.places[0]

    analysis = rfa.analyse(Tokens(), 16)

    assert analysis.model.notes == ("input [1, 1, 16, 16], named by the settings of the model",)
    assert analysis.layers[-1].layer.output.max == (4, 4)


def test_optical_flow_is_exact_up_to_the_lookup_and_marked_from_there_on() -> None:
    optical_flow = pytest.importorskip("torchvision").models.optical_flow

    analysis = rfa.analyse(optical_flow.raft_small(), "128x160")

    found = {one.layer.name: one.layer for one in analysis.layers if one.layer.judgeable}
    exact = {name.split(".")[0] for name, layer in found.items() if layer.exact}
    bounded = {name.split(".")[0] for name, layer in found.items() if not layer.exact}
    assert analysis.model.notes == (
        "input [1, 3, 128, 160], [1, 3, 128, 160], guessed from "
        "feature_encoder.convnormrelu.0 and forward(image1, image2)",
    )
    assert found["feature_encoder.conv"].output.max == (51, 51)
    assert found["feature_encoder.conv"].calls == 1
    assert {"feature_encoder", "context_encoder"} <= exact
    assert bounded == {"update_block"}
    causes = {reason for one in analysis.layers for reason in one.layer.inexact}
    assert causes == {"grid_sample reads positions that data decide"}
