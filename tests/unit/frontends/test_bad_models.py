"""Awkward forward passes: each is read like the plain one, and its model left as it was found."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from plain_model import FOUND, Build, Layers, Plain, judged, read

import rfa_core as rfa

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")
nn = torch.nn

pytestmark = pytest.mark.torch


class DictionaryOut(Plain):
    def forward(self, x: Any) -> Any:
        return {"out": [super().forward(x)], "extra": None}


@dataclass
class Result:
    logits: Any


class DataclassOut(Plain):
    def forward(self, x: Any) -> Any:
        return Result(super().forward(x))


class Pair(NamedTuple):
    logits: Any
    nothing: None


class NamedTupleOut(Plain):
    def forward(self, x: Any) -> Any:
        return Pair(super().forward(x), None)


class NothingOut(Plain):
    def forward(self, x: Any) -> Any:
        super().forward(x)


class Undecided(Plain):
    """Which way it goes, data decide."""

    def forward(self, x: Any) -> Any:
        return super().forward(x) if x.mean() < 0.9 else self.first(x)


class Listing(Plain):
    def forward(self, x: Any) -> Any:
        low, _high = torch.stack([x.min(), x.max()]).tolist()
        return super().forward(x - low)


class Tossing(Plain):
    """Which way it goes, chance decides."""

    def forward(self, x: Any) -> Any:
        ways = random.random(), float(torch.rand(())), float(np.random.rand())
        return super().forward(x) if max(ways) < 0.9 else self.first(x)


class WritingItsInput(Plain):
    def forward(self, x: Any) -> Any:
        x -= 0.5
        x[:, 0].mul_(2)
        x[:, :, 0] = 0
        return super().forward(x)


class WritingItsWeights(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.mean = torch.ones(3, 1, 1)

    def forward(self, x: Any) -> Any:
        self.first.weight.data.clamp_(-0.01, 0.01)
        self.first.bias.data.zero_()
        self.mean.mul_(0.5)
        if x.sum() < 0:
            return x
        return super().forward(x)


class Spoilt(Plain):
    """NaN from the beginning."""

    def forward(self, x: Any) -> Any:
        return super().forward(x + torch.log(torch.zeros_like(x) - 1))


class Watchful(Plain):
    """Ends on NaN."""

    def forward(self, x: Any) -> Any:
        out = super().forward(x / x.std())
        if torch.isnan(out).any():
            raise ValueError("NaN")
        return out


class Ungraded(Plain):
    @torch.no_grad()
    def forward(self, x: Any) -> Any:
        return super().forward(x)


class Inferring(Plain):
    @torch.inference_mode()
    def forward(self, x: Any) -> Any:
        x[:, 0] = x[:, 1]
        return super().forward(x)


class Checkpointing(Plain):
    def forward(self, x: Any) -> Any:
        from torch.utils.checkpoint import checkpoint

        x = checkpoint(self.first, x, use_reentrant=False)
        return checkpoint(self.rest, x, use_reentrant=True)


class Mapping(Plain):
    def forward(self, x: Any) -> Any:
        return torch.vmap(super().forward)(x[None])[0]


class Functional(Plain):
    def forward(self, x: Any) -> Any:
        doubled = {name: 2 * weight for name, weight in self.first.named_parameters()}
        return self.rest(torch.func.functional_call(self.first, doubled, (x,)))


class Mixing(Plain):
    def forward(self, x: Any) -> Any:
        with torch.autocast("cpu", torch.bfloat16):
            return super().forward(x)


class Variadic(Plain):
    def forward(self, *images: Any, **_options: Any) -> Any:
        return super().forward(images[0])


class FromList(Plain):
    def forward(self, images: Any) -> Any:
        assert isinstance(images, list)
        return super().forward(torch.cat(images))


class FromImages(Plain):
    def forward(self, images: list[torch.Tensor]) -> Any:
        assert images[0].dim() == 3
        return super().forward(torch.stack(images))


class FromDictionary(Plain):
    def forward(self, batch: dict[str, torch.Tensor]) -> Any:
        return super().forward(batch["image"])


READ: dict[str, tuple[Build, Layers]] = {
    "with checkpoints": (Checkpointing, FOUND),
    "with vmap": (Mapping, FOUND),
    "with functional_call": (Functional, FOUND),
    "with autocast": (Mixing, FOUND),
    "without gradients": (Ungraded, FOUND),
    "in inference mode": (Inferring, FOUND),
    "that returns a dictionary": (DictionaryOut, FOUND),
    "that returns a dataclass": (DataclassOut, FOUND),
    "that returns a named tuple": (NamedTupleOut, FOUND),
    "that returns None": (NothingOut, FOUND),
    "that data decide": (Undecided, FOUND),
    "that lists values": (Listing, FOUND),
    "that chance decides": (Tossing, FOUND),
    "that writes into its input": (WritingItsInput, FOUND),
    "that writes into its weights": (WritingItsWeights, FOUND),
    "that gives NaN": (Spoilt, FOUND),
    "that refuses NaN": (Watchful, FOUND),
    "that takes any arguments": (Variadic, FOUND),
    "that takes a list": (FromList, FOUND),
    "that takes a list of images": (FromImages, FOUND),
    "that takes a dictionary": (FromDictionary, FOUND),
}


@pytest.mark.parametrize(("build", "expected"), READ.values(), ids=READ)
def test_an_awkward_forward_is_read_like_the_plain_one_and_its_model_left_as_it_was(
    build: Build, expected: Layers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    found, before, after = read(build)

    assert found == expected
    assert after == before


@pytest.mark.parametrize("model", [Undecided(), Listing(), Watchful()])
def test_values_that_are_read_are_told_since_other_images_may_go_another_way(model: Any) -> None:
    notes = rfa.analyse(model, "48x64").model.notes

    assert len(notes) == 2
    assert notes[1].startswith("the forward pass reads values of its input in the model's own")


def test_a_model_is_read_inside_inference_mode() -> None:
    with torch.inference_mode():
        found = judged(rfa.analyse(Undecided(), "48x64"))

        assert torch.is_inference_mode_enabled()
    assert found == FOUND


def test_a_model_of_chance_is_read_the_same_way_each_time() -> None:
    first, second = (judged(rfa.analyse(Tossing(), "48x64")) for _ in range(2))

    assert first == second == FOUND
