"""What models are fed: one tensor or several, of any shape, given or guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

import rfa_core as rfa
from rfa_core.errors import TraceError
from rfa_core.frontends.base import InputSpec, TensorSpec, input_spec
from rfa_core.receptive.verdict import Verdict

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.torch

IMAGE = (1, 3, "H", "W")


class TwoStream(nn.Module):
    """Colours and motion, with other kernels, joined half way."""

    def __init__(self) -> None:
        super().__init__()
        self.colours = nn.Sequential(nn.Conv2d(3, 4, (3, 5)), nn.Conv2d(4, 4, 3, 2))
        self.motion = nn.Sequential(
            nn.Conv2d(2, 4, (7, 5), padding=(1, 0)), nn.MaxPool2d((2, 4), 2)
        )
        self.joined = nn.Conv2d(8, 4, (1, 3))

    def forward(self, rgb: Any, flow: Any) -> Any:
        return self.joined(torch.cat([self.colours(rgb), self.motion(flow)], 1))


class Siamese(nn.Module):
    """One tower for both, whose results are compared."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.Conv2d(4, 4, (3, 1), 2))
        self.after = nn.Conv2d(4, 1, (1, 3))

    def forward(self, left: Any, right: Any) -> Any:
        return self.after((self.tower(left) - self.tower(right)).abs())


class SoundAndSight(nn.Module):
    """A sequence and an image, each with axes of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.ear = nn.Sequential(
            nn.Conv1d(2, 4, 9, padding=4), nn.Conv1d(4, 4, 5, 2, 2), nn.Conv1d(4, 4, 1)
        )
        self.eye = nn.Sequential(nn.Conv2d(3, 4, (3, 5)), nn.Conv2d(4, 4, (5, 1)))
        self.head = nn.Linear(8, 2)

    def forward(self, audio: Any, image: Any) -> Any:
        return self.head(torch.cat([self.ear(audio).mean(2), self.eye(image).mean((2, 3))], 1))


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


class FromKeys(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, batch: Any) -> Any:
        return self.conv(batch["image"]) * batch["mask"]


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


def volume() -> Any:
    return nn.Sequential(nn.Conv3d(1, 4, (1, 3, 5)), nn.Conv3d(4, 4, (3, 1, 1)))


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


def test_shapes_are_given_one_for_each_key_in_the_order_asked_for() -> None:
    analysis = rfa.analyse(FromKeys(), "48x64", input_shape=[IMAGE, (1, 1, "H", "W")])

    assert analysis.model.notes == (
        "input [1, 3, 48, 64], [1, 1, 48, 64] in a dictionary, as given",
    )
    assert [one.layer.output.max for one in analysis.layers] == [(3, 3), (3, 3)]


def test_axes_are_shared_by_name_and_numbered_by_first_appearance() -> None:
    found = input_spec([(1, 2, "T"), (1, 3, "H", "W"), (4, "W"), (7,), ()], "given")

    assert found == InputSpec(
        (
            TensorSpec((1, 2, 1), (None, None, 0)),
            TensorSpec((1, 3, 1, 1), (None, None, 1, 2)),
            TensorSpec((4, 1), (None, 2)),
            TensorSpec((7,), (None,)),
            TensorSpec((), ()),
        ),
        ("T", "H", "W"),
        "given",
    )
    assert found.at((9, 8, 6)) == ((1, 2, 9), (1, 3, 8, 6), (4, 6), (7,), ())


@pytest.mark.parametrize("shape", [(1, 3, 32, 32), (1, "H", "H"), [(1,), (2, 3)], ()])
def test_a_shape_without_an_axis_or_with_one_twice_is_refused(shape: Any) -> None:
    with pytest.raises(TraceError, match="names no axis, or one twice"):
        rfa.analyse(Siamese(), 32, input_shape=shape)


def test_a_layer_is_judged_on_the_axes_that_it_depends_on() -> None:
    analysis = rfa.analyse(SoundAndSight(), "10x48x64")

    verdicts = {one.layer.name: (one.layer.output.min, one.verdict) for one in analysis.layers}

    assert verdicts["ear.0"] == ((9, 0, 0), Verdict.PRODUCTIVE)
    assert verdicts["ear.1"] == ((13, 0, 0), Verdict.CRITICAL)
    assert verdicts["ear.2"] == ((13, 0, 0), Verdict.UNPRODUCTIVE)
    assert verdicts["eye.1"] == ((0, 7, 5), Verdict.PRODUCTIVE)
    assert verdicts["head"] == ((None, None, None), Verdict.NOT_JUDGED)


SEVERAL: dict[str, tuple[Callable[[], Any], Sequence[Sequence[int | str]], tuple[int, ...]]] = {
    "two streams": (TwoStream, [IMAGE, (1, 2, "H", "W")], (36, 44)),
    "siamese": (Siamese, [IMAGE, IMAGE], (36, 44)),
    "sound and sight": (SoundAndSight, [(1, 2, "T"), IMAGE], (60, 36, 44)),
    "a fixed template": (Siamese, [IMAGE, (1, 3, 36, 44)], (36, 44)),
    "a volume": (volume, [(1, 1, "D", "H", "W")], (16, 24, 32)),
    "asymmetric": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, (1, 7), stride=(1, 2)),
            nn.Conv2d(4, 4, (5, 1), dilation=(2, 1)),
            nn.ConvTranspose2d(4, 4, (2, 4), (1, 2)),
            nn.AvgPool2d((1, 3), (2, 1)),
        ),
        [IMAGE],
        (40, 60),
    ),
    "channels last": (
        lambda: nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 3)),
        [(1, "H", "W", 5)],
        (12, 20),
    ),
    "width before height": (
        lambda: nn.Sequential(nn.Conv2d(3, 4, (3, 5)), nn.Conv2d(4, 4, (1, 3))),
        [(1, 3, "W", "H")],
        (36, 44),
    ),
    "video as images": (
        lambda: nn.Sequential(nn.Flatten(0, 1), nn.Conv2d(3, 4, (3, 5)), nn.Conv2d(4, 4, 1)),
        [(1, 2, 3, "H", "W")],
        (24, 30),
    ),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_footprints_over_all_inputs_are_those_of_the_nan_oracle(name: str) -> None:
    """Every coordinate of an axis is spoilt in all inputs that run along it."""
    build, shapes, resolution = SEVERAL[name]
    spec = input_spec(shapes, "given")

    analysis = rfa.analyse(build(), list(resolution), input_shape=shapes)
    claimed = {one.layer.name: one.layer.output.max for one in analysis.layers}

    for axis in range(len(resolution)):
        for layer, hull in observed(build, spec, resolution, axis).items():
            whole = hull > 0.9 * resolution[axis]
            assert (layer, claimed[layer][axis]) == (layer, None if whole else hull)


def observed(
    build: Callable[[], Any], spec: InputSpec, resolution: tuple[int, ...], axis: int
) -> dict[str, int]:
    """Per layer, how far apart the inputs are that reach its central element along ``axis``.

    Zero where none does.
    """
    torch.manual_seed(0)
    model = build().eval()
    seen: dict[str, list[int]] = {}
    for place in range(resolution[axis]):
        for name, spoilt in _spoilt(model, spec, resolution, axis, place).items():
            seen.setdefault(name, []).extend([place] if spoilt else [])
    return {name: places[-1] - places[0] + 1 if places else 0 for name, places in seen.items()}


def _spoilt(
    model: Any, spec: InputSpec, resolution: tuple[int, ...], axis: int, place: int
) -> dict[str, bool]:
    tensors = [torch.full(shape, 0.5) for shape in spec.at(resolution)]
    for tensor, one in zip(tensors, spec.tensors, strict=True):
        if axis in one.axes:
            tensor.select(one.axes.index(axis), place).fill_(float("nan"))
    found: dict[str, bool] = {}

    def collect(name: str) -> Callable[..., None]:
        def hook(_module: Any, _args: Any, out: Any) -> None:
            middle = [slice(size // 2, size // 2 + 1) for size in out.shape]
            if out.dim() > 2 and spec.tensors[0].sizes[-1] == 1:
                middle[0] = middle[1] = slice(None)
            reached = bool(out[tuple(middle)].isnan().any())
            found[name] = found.get(name, False) or reached

        return hook

    handles = [
        module.register_forward_hook(collect(name))
        for name, module in model.named_modules()
        if not list(module.children())
    ]
    with torch.no_grad(), torch.backends.nnpack.flags(False):
        model(*tensors)
    for handle in handles:
        handle.remove()
    return found


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
