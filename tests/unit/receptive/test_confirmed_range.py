"""The range of a model is held to what a check judges at its ends, on models made of graphs."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from building import Net

from rfa_core.examination import Examination, examine
from rfa_core.findings import ModelReport, Range, Trial, Unsupported
from rfa_core.frontends.base import Constructed, ForwardError, InputSpec, input_spec
from rfa_core.graph.model import Graph
from rfa_core.ranging import examine_range
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import Resolution
from rfa_core.receptive.verdict import Verdict

Build = Callable[[Net], object]
AXES = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}


@dataclass
class Graphs:
    """A frontend whose models are functions that add layers to a graph."""

    name: str = "graphs"
    runs: Callable[[Sequence[int]], bool] = bool

    def guess_inputs(self, model: object) -> tuple[InputSpec, ...]:
        raise NotImplementedError

    def trace(
        self,
        model: Build,
        spec: InputSpec,
        resolution: Sequence[int],
        name: str,
        constructed: Constructed | None = None,
        root: str | None = None,
    ) -> Graph:
        del spec, name, constructed, root
        net = Net(*resolution)
        if not self.runs(resolution):
            raise ForwardError("model", "", "stem", "it does not fit", "", net.graph())
        model(net)
        return net.graph()

    def sizes_named_by(self, model: object) -> tuple[int, ...]:
        del model
        return ()


def examination(
    model: Build,
    axes: int = 2,
    policy: Policy | None = None,
    runs: Callable[[Sequence[int]], bool] = bool,
) -> Examination:
    spec = input_spec((1, 2, *AXES[axes]), "as given")
    return Examination(Graphs(runs=runs), model, spec, "net", {}, "/", policy or Policy())  # type: ignore[arg-type]


def chain(net: Net, depth: int, kernel: int | tuple[int, ...] = 3, name: str = "") -> str:
    for number in range(depth):
        name = net.conv(name or net.input, kernel, layer=f"conv{number}")
    return name


def by_size(net: Net) -> None:
    """Deep on images up to 40 pixels, shallow on larger ones."""
    chain(net, 24 if net.sizes[0] <= 40 else 4)


def on_large_images(net: Net) -> None:
    """Shallow on images up to 64 pixels, deep on larger ones."""
    chain(net, 4 if net.sizes[0] <= 64 else 50)


def on_a_grid(net: Net) -> None:
    """Whatever the size of the image, a grid of 4 by 4 is looked at by three kernels of 3."""
    stem = net.conv(net.input, 1, layer="stem")
    chain(net, 3, name=net.pool(stem, [size // 4 for size in net.sizes]))


def verdicts(found: Examination, size: int) -> list[str]:
    report = examine(found, [Resolution((size,))]).resolutions[0]
    return [judged.layer.name for judged in report.with_verdict(Verdict.UNPRODUCTIVE)]


def feasible(report: ModelReport) -> Range:
    assert report.range is not None
    return report.range


@pytest.mark.parametrize(
    ("model", "axes", "usual", "strict", "largest"),
    [
        (lambda net: chain(net, 10), 2, 20, 19, (21, 21)),
        (lambda net: chain(net, 10, (7, 3)), 2, 20, 19, (61, 21)),
        (lambda net: chain(net, 10, (1, 3, 3)), 3, 1, 1, (1, 21, 21)),
        (lambda net: chain(net, 100), 1, 200, 199, (201,)),
        (lambda net: chain(net, 200, 7), 2, 1196, 1195, (1201, 1201)),
        (by_size, 2, 41, 41, (40, 40)),
        (on_large_images, 2, 100, 99, (101, 101)),
    ],
)
@pytest.mark.parametrize("strict_tie", [False, True])
def test_a_check_passes_at_the_least_resolution_and_fails_at_one_pixel_less(
    model: Build,
    axes: int,
    usual: int,
    strict: int,
    largest: tuple[int, ...],
    strict_tie: bool,
) -> None:
    found = examination(model, axes, Policy(strict_tie=strict_tie))

    report = examine_range(found)

    size = strict if strict_tie else usual
    assert report.resolutions == ()
    assert feasible(report).min_resolution == (size,) * axes
    assert feasible(report).max_resolution == largest
    assert verdicts(found, size) == []
    below = verdicts(found, size - 1) if size > 1 else []
    assert [layer.name for layer in feasible(report).min_layers] == below
    assert (below != []) is (size > 1)


def test_footprints_that_grow_with_the_image_are_past_the_border_at_every_size() -> None:
    found = examination(on_a_grid)

    report = feasible(examine_range(found))

    assert (report.min_resolution, report.max_resolution) == ((None, None), (None, None))
    assert [layer.name for layer in report.min_layers] == ["conv2"]
    assert all("conv2" in verdicts(found, size) for size in (64, 200, 500))


def test_without_judged_layers_no_end_is_looked_for() -> None:
    report = feasible(examine_range(examination(lambda net: net.pool(net.input, 3))))

    assert (report.min_resolution, report.max_resolution) == ((None, None), (None, None))
    assert (report.min_trial, report.max_trial) == (None, None)


def test_a_model_that_runs_at_its_ends_says_so() -> None:
    report = feasible(examine_range(examination(lambda net: chain(net, 10))))

    assert report.min_trial == Trial((20, 20), (20, 20))
    assert report.max_trial == Trial((21, 21), (21, 21))


def test_a_model_of_one_size_says_where_it_runs() -> None:
    found = examination(lambda net: chain(net, 10), runs=lambda sizes: set(sizes) == {224})

    report = feasible(examine_range(found))

    why = Unsupported("stem", "it does not fit", (224, 224), fixed=True)
    assert report.min_trial == Trial((20, 20), (224, 224), why)
    assert report.max_trial == Trial((21, 21), (224, 224), why)


def test_a_model_of_some_sizes_names_the_nearest_to_either_end() -> None:
    found = examination(
        lambda net: chain(net, 50), runs=lambda sizes: all(n % 32 == 0 for n in sizes)
    )

    report = feasible(examine_range(found))

    assert report.min_trial is not None
    assert report.max_trial is not None
    assert (report.min_trial.resolution, report.min_trial.traced_at) == ((100, 100), (96, 96))
    assert (report.max_trial.resolution, report.max_trial.traced_at) == ((101, 101), (96, 96))


def test_an_image_too_large_to_be_computed_is_not_tried() -> None:
    report = feasible(examine_range(examination(lambda net: chain(net, 200, 7))))

    assert report.max_resolution == (1201, 1201)
    assert report.max_trial is None


def test_the_range_beside_verdicts_is_that_of_the_first_resolution() -> None:
    report = examine(examination(by_size), [Resolution((100,)), Resolution((40,))])

    assert feasible(report).min_resolution == (8, 8)
    assert [layer.name for layer in feasible(report).min_layers] == ["conv3"]
    assert feasible(report).min_trial is None


class Tensor:
    """What a forward pass works on."""


def test_sizes_that_a_model_does_not_run_at_keep_no_tensors() -> None:
    alive: weakref.WeakSet[Tensor] = weakref.WeakSet()

    def fails(sizes: Sequence[int]) -> bool:
        tensor = Tensor()
        alive.add(tensor)
        try:
            raise ValueError(f"{tensor} does not fit")
        except ValueError as error:
            recorded = Net(*sizes).graph()
            raise ForwardError("model", "", "stem", "no", "", recorded) from error

    tried = examination(lambda _net: None, runs=fails)

    with pytest.raises(ForwardError):
        tried.at((32, 32))
    gc.collect()

    assert len(alive) == 0


def test_what_reads_positions_that_were_mixed_into_the_batch_has_no_part_in_the_range() -> None:
    def for_small_images(net: Net) -> None:
        stem = net.conv(net.input, 1, channels=37)
        pooled = net.pool(chain(net, 10, name=stem), 8)
        _, channels, height, width = net.shape(pooled)
        net.linear(net.reshape(pooled, height * width, channels), 5)

    report = examine_range(examination(for_small_images))

    assert feasible(report).min_resolution == (20, 20)
    assert feasible(report).max_resolution == (21, 21)
    assert report.remarks == (
        "n13 makes 784 rows of one image, since its map is 28x28 there: positions are mixed into "
        "the batch, and the range leaves out what comes after",
    )
