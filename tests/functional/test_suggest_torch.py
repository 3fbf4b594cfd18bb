"""Published repairs of torchvision's models, found again; each proposal tried on the module."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from rfa_core.advice.figures import figures_of
from rfa_core.cli import main
from rfa_core.frontends import NotEditableError
from rfa_core.proposals import GOALS, Proposal, Suggestions
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import parse_resolution

torch = pytest.importorskip("torch")
torchvision = pytest.importorskip("torchvision")
pytestmark = pytest.mark.torch

from rfa_core.api.analysis import guesses_of  # noqa: E402
from rfa_core.suggesting import SAME, suggest_for  # noqa: E402

nn = torch.nn
CHECKOUT = Path(__file__).resolve().parents[2]


@cache
def suggested(name: str, size: int, *goals: str) -> Suggestions:
    with torch.device("meta"):
        model = torchvision.models.get_model(name)
    examination, *_ = guesses_of(model, name=name)
    return suggest_for(examination, parse_resolution(size), goals or GOALS)


def repaired(found: Suggestions) -> list[Proposal]:
    return [one for one in found.proposals if not one.after.unproductive]


def changes(proposal: Proposal) -> list[tuple[str, ...]]:
    return [(*step.layers, step.before, step.after) for step in proposal.steps]


def tiny_resnet(kernel: int, stride: int, pool: bool, blocks: tuple[int, ...]) -> object:
    """ResNet-18 with another stem and fewer stages, as the published repairs have it."""
    with torch.device("meta"):
        model = torchvision.models.ResNet(
            torchvision.models.resnet.BasicBlock, [*blocks, *[1] * (4 - len(blocks))]
        )
        model.conv1 = nn.Conv2d(3, 64, kernel, stride, kernel // 2, bias=False)
        model.maxpool = model.maxpool if pool else nn.Identity()
        for stage in range(len(blocks) + 1, 5):
            setattr(model, f"layer{stage}", nn.Identity())
        model.fc = nn.Linear(32 * 2 ** len(blocks), 1000)
    return model


SMALL_IMAGES = {
    "a fifth of the compute": ((2, 1), 2, True, 3, "efficiency"),
    "eight times the compute": ((2, 3, 3), 1, False, 2, "both"),
}


def test_repairs_of_resnet18_are_at_least_as_good_as_those_published():
    found = suggested("resnet18", 16)
    cheapest = {one.goal: one.after.macs for one in reversed(repaired(found))}

    assert (found.before.unproductive, found.before.critical) == (8, 8)
    assert {one.applied for one in found.proposals} == {SAME}
    for blocks, stride, pool, critical, goal in SMALL_IMAGES.values():
        examination, *_ = guesses_of(tiny_resnet(3, stride, pool, blocks))
        known = figures_of(examination.at((16, 16)).graph, (16, 16), Policy())
        assert (known.unproductive, known.critical) == (0, critical)
        assert cheapest[goal] <= known.macs
    assert (
        ("conv1", "kernel_size=7, padding=3", "kernel_size=3, padding=1"),
        ("layer2.1", "layer3", "layer4", "", ""),
        ("fc", "in_features=512", "in_features=128"),
    ) in {tuple(_joined(tuple(changes(one)))) for one in found.proposals}


def _joined(steps: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
    """Layers that go in several steps as if they went in one."""
    gone = tuple(name for *names, _, after in steps for name in names if not after)
    kept = [step for step in steps if step[-1]]
    return [kept[0], (*gone, "", ""), *kept[1:]] if gone else kept


PUBLISHED = {
    "VGG-19": ("vgg19_bn", 204, 51.54 / 19.63, "performance"),
    "MobileNetV3-small": ("mobilenet_v3_small", 175, 0.166 / 0.057, "performance"),
    "MobileNetV3-small, blocks dropped": ("mobilenet_v3_small", 175, 0.044 / 0.057, "efficiency"),
    "MobileNetV3-large": ("mobilenet_v3_large", 199, 0.355 / 0.217, "performance"),
    "MNASNet": ("mnasnet1_0", 219, 0.689 / 0.314, "performance"),
    "EfficientNet-B0": ("efficientnet_b0", 203, 0.894 / 0.386, "performance"),
    "EfficientNet-B0, blocks dropped": ("efficientnet_b0", 171, 0.273 / 0.386, "efficiency"),
    "ConvNeXt-T": ("convnext_tiny", 112, 17.78 / 4.46, "performance"),
}
"""Smallest resolution and multiply-accumulates (as a factor) of each published repair, and what
it is for. Source: Richter and Pal, arXiv 2211.14487."""
ROUNDING = 1.01
"""The published costs have two or three digits."""


@pytest.mark.parametrize(("name", "size", "factor", "goal"), PUBLISHED.values(), ids=PUBLISHED)
def test_a_repair_is_found_that_fits_as_small_images_as_that_published_at_no_more_cost(
    name: str, size: int, factor: float, goal: str
):
    found = suggested(name, size, goal)

    assert any(
        (one.after.min_resolution or 0) <= size
        and one.after.macs <= ROUNDING * factor * found.before.macs
        for one in repaired(found)
    )
    assert {one.applied for one in found.proposals} == {SAME}
    assert goal == "efficiency" or not any(one.dropped for one in found.proposals)


class Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 5, padding=2)
        self.body = nn.Sequential(*[nn.Conv2d(8, 8, 3, padding=1) for _ in range(4)])

    def forward(self, x: object) -> object:
        return self.body(nn.functional.max_pool2d(self.stem(x), 2))


def test_a_pooling_in_forward_is_proposed_but_cannot_be_taken_out_of_the_module():
    examination, *_ = guesses_of(Functional())

    found = suggest_for(examination, parse_resolution(12), ["performance"])

    pooling = next(one for one in found.proposals if one.steps[-1].layers == ("max_pool2d",))
    assert pooling.applied == (
        "not applied to the module: max_pool2d is called in forward, it is no module"
    )


def test_the_model_is_left_as_it_was():
    model = Functional()
    examination, *_ = guesses_of(model)
    before = str(model), {name: tuple(one.shape) for name, one in model.state_dict().items()}

    suggest_for(examination, parse_resolution(12))

    after = str(model), {name: tuple(one.shape) for name, one in model.state_dict().items()}
    assert after == before


def test_a_model_that_cannot_be_copied_says_so():
    class Stubborn(Functional):
        def __deepcopy__(self, memo: object) -> object:
            raise RuntimeError("no copies")

    examination, *_ = guesses_of(Stubborn())
    graph = examination.at((12, 12)).graph

    with pytest.raises(NotEditableError, match="the model cannot be copied: no copies"):
        examination.frontend.edited(examination.model, graph, graph, {})


def test_the_proposals_of_the_documentation_are_those_that_are_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    page = (CHECKOUT / "docs" / "suggest.md").read_text(encoding="utf-8")
    command, *shown = page.partition("```text\n")[2].partition("\n```")[0].splitlines()
    monkeypatch.chdir(CHECKOUT / "examples" / "tiny_images")

    code = main(command.split()[2:])

    out = capsys.readouterr().out.splitlines()
    assert (code, [line for line in shown if line not in out]) == (0, [])


class Squeezed(nn.Module):
    """Strided convolutions, each followed by a gate that is made as large as its map."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(8 if place else 3, 8, 3, 2, 1) for place in range(3))
        self.last = nn.Conv2d(8, 8, 3, padding=1)
        self.head = nn.Linear(8, 10)

    def forward(self, x: object) -> object:
        for conv in self.convs:
            x = conv(x)
            x = x * torch.sigmoid(x.mean((2, 3), keepdim=True)).expand_as(x)
        return self.head(self.last(x).mean((2, 3)))


def test_sizes_that_follow_another_tensor_are_followed_by_a_run_of_the_edited_module():
    examination, *_ = guesses_of(Squeezed())

    found = suggest_for(examination, parse_resolution(12), ["performance"])

    assert {(one.after.unproductive, one.applied) for one in found.proposals} == {(0, SAME)}
    assert found.goals[0].why == ""


class Unpooled(nn.Module):
    """An encoder and a decoder that puts maxima back where they were."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 5, padding=2)
        self.pool = nn.MaxPool2d(2, 2, return_indices=True)
        self.body = nn.Sequential(*[nn.Conv2d(8, 8, 3, padding=1) for _ in range(3)])
        self.unpool = nn.MaxUnpool2d(2, 2)
        self.score = nn.Conv2d(8, 5, 3, padding=1)

    def forward(self, x: object) -> object:
        x, places = self.pool(self.stem(x))
        return self.score(self.unpool(self.body(x), places))


def test_what_not_even_the_module_tells_is_said_not_to_be_followed():
    examination, *_ = guesses_of(Unpooled())

    found = suggest_for(examination, parse_resolution(12), ["performance"])

    (performance,) = found.goals
    assert "cannot be followed from one trace (unpool: " in performance.why
    assert "would break the network" not in performance.why


def test_the_layers_that_make_a_dense_output_stay():
    examination, *_ = guesses_of(Unpooled())
    before = examination.at((12, 12)).graph
    scores = [before[name].shape for name in before.outputs]

    found = suggest_for(examination, parse_resolution(12))

    gone = {name for one in found.proposals for step in one.steps for name in step.layers}
    assert scores == [(1, 5, 12, 12)]
    assert not gone & {"score", "stem"}


class Listening(nn.Module):
    """A layer that remembers, between convolutions over time."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(*[nn.Conv1d(8 if place else 1, 8, 9, 2, 4) for place in range(5)])
        self.memory = nn.GRU(8, 8, batch_first=True)
        self.after = nn.Conv1d(8, 8, 3, padding=1)
        self.head = nn.Linear(8, 10)

    def forward(self, x: object) -> object:
        y, _ = self.memory(self.stem(x).transpose(1, 2))
        return self.head(self.after(y.transpose(1, 2)).mean(2))


def test_a_recurrent_layer_that_goes_is_counted_and_named_and_one_that_stays_is_not():
    examination, *_ = guesses_of(Listening())

    found = suggest_for(examination, parse_resolution(64), ["efficiency"])

    assert found.proposals
    for one in found.proposals:
        gone = {name for step in one.steps if not step.after for name in step.layers}
        assert ("memory" in gone) == ("memory" in one.unjudged)
        assert one.dropped >= len(one.unjudged)
    assert any("memory" in one.unjudged for one in found.proposals)
