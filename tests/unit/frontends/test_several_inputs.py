"""One tensor or several that are given: their axes, and footprints over all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from several_inputs import Siamese, SoundAndSight, TwoStream, volume

import rfa_core as rfa
from rfa_core.errors import TraceError
from rfa_core.frontends.base import InputSpec, TensorSpec, input_spec
from rfa_core.receptive.verdict import Verdict

torch = pytest.importorskip("torch")
nn = torch.nn

pytestmark = pytest.mark.torch

IMAGE = (1, 3, "H", "W")


class FromKeys(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, batch: Any) -> Any:
        return self.conv(batch["image"]) * batch["mask"]


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
