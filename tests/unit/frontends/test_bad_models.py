"""Models that are awkward to read: each is read like the plain one or told clearly, and left
as it was found."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import rfa_core as rfa
from rfa_core.frontends.base import ForwardError

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.torch

Layers = list[tuple[str, tuple[int, ...], tuple[int, ...], tuple[int, ...], bool]]


class Plain(nn.Module):
    """Two convolutions and what stands between them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, (3, 5), stride=(2, 1))
        self.norm = nn.BatchNorm2d(4)
        self.rest = nn.Sequential(nn.ReLU(), nn.Conv2d(4, 2, 3, padding=1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.rest(self.norm(self.first(x)))


def layers(prefix: str = "") -> Layers:
    """The layers of the plain model: kernel, footprint at both ends, whether it is exact."""
    return [
        (f"{prefix}first", (3, 5), (1, 1), (3, 5), True),
        (f"{prefix}rest.1", (3, 3), (3, 5), (7, 7), True),
    ]


FOUND = layers()
ONE = FOUND[:1]


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


class Complex(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, (3, 5), stride=(2, 1), dtype=torch.complex64)
        self.rest = nn.Sequential(
            nn.Identity(), nn.Conv2d(4, 2, 3, padding=1, dtype=torch.complex64)
        )

    def forward(self, x: Any) -> Any:
        return self.rest(self.first(x)).abs()


class Refusing(Plain):
    """Takes batches of 8."""

    def forward(self, x: Any) -> Any:
        assert x.shape[0] == 8, "batches of 8, please"
        return super().forward(x)


class Raising(Plain):
    def forward(self, x: Any) -> Any:
        raise NotImplementedError("to be written\nby someone")


class Scaling(Plain):
    def forward(self, x: Any, scale: int) -> Any:
        return super().forward(x) * scale


class Keyed(Plain):
    def forward(self, batch: dict[str, torch.Tensor]) -> Any:
        return super().forward(batch["image"]) * batch["mask"]


class OnGPU(Plain):
    def forward(self, x: Any) -> Any:
        return super().forward(x.to("cuda"))


class ThroughNumPy(Plain):
    def forward(self, x: Any) -> Any:
        return super().forward(torch.from_numpy(np.asarray(x.cpu()) * 2))


class Deaf(nn.Module):
    def forward(self) -> Any:
        return torch.zeros(3)


class Mismatched(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.rest[1] = nn.Conv2d(5, 2, 3)


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


def built(build: Callable[[], Any]) -> Any:
    """What ``build`` makes; PyTorch deprecates some of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return build()


def scripted(build: Callable[[], Any]) -> Any:
    """What ``build`` makes, in TorchScript.

    It knows its builtins by ``id`` alone, so now and then it takes a new object for one that is
    gone; while the first attempt lives, a second one has other objects.
    """
    model = build()
    try:
        return torch.jit.script(model)
    except RuntimeError:
        return torch.jit.script(build())


def sharing() -> Any:
    model = Plain()
    model.rest.again = model.rest[1]
    model.rest[1] = nn.Conv2d(4, 2, 3, padding=1)
    del model.rest.again
    model.alias = model.first
    return model


def partly(model: Any) -> Any:
    model.norm.eval()
    return model


def partly_on_meta() -> Any:
    model = Plain()
    model.rest.to("meta")
    return model


def on_cuda() -> Any:
    """A model whose tensors are on a device that this machine need not have."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode(), torch.device("cuda"):
        return Plain()


def lazy() -> Any:
    model = Plain()
    model.first = nn.LazyConv2d(4, (3, 5), stride=(2, 1))
    return model


def compiled_in_place() -> Any:
    model = Plain()
    model.compile()
    return model


def spectral() -> Any:
    model = Plain()
    nn.utils.parametrizations.spectral_norm(model.first)
    nn.utils.spectral_norm(model.rest[1])
    return model


def weight_normed() -> Any:
    model = Plain()
    nn.utils.parametrizations.weight_norm(model.first)
    nn.utils.weight_norm(model.rest[1])
    return model


def hooked() -> Any:
    model = Plain()
    model.register_forward_pre_hook(lambda _model, args: (args[0] * 2,))
    model.first.register_forward_hook(lambda *args: args[-1] + 1, with_kwargs=True)
    model.rest.register_full_backward_hook(lambda *_: None)
    model.register_state_dict_pre_hook(lambda *_: None)
    return model


def patched() -> Any:
    model = Plain()
    forward = model.forward
    model.forward = lambda image: forward(image)
    return model


def quantised(dynamic: bool = False) -> Any:
    model = Plain().eval()
    if dynamic:
        return torch.ao.quantization.quantize_dynamic(model, {nn.Linear})
    torch.backends.quantized.engine = "fbgemm"
    stubs = nn.Sequential(torch.ao.quantization.QuantStub(), model)
    stubs.qconfig = torch.ao.quantization.get_default_qconfig("fbgemm")
    torch.ao.quantization.prepare(stubs, inplace=True)
    stubs(torch.rand(1, 3, 48, 64))
    return torch.ao.quantization.convert(stubs)


def parallel() -> Any:
    return nn.DataParallel(Plain())


READ: dict[str, tuple[Callable[[], Any], Layers]] = {
    "in training": (lambda: Plain().train(), FOUND),
    "partly in training": (lambda: partly(Plain()), FOUND),
    "in half precision": (lambda: Plain().half(), FOUND),
    "in bfloat16": (lambda: Plain().bfloat16(), FOUND),
    "in double precision": (lambda: Plain().double(), FOUND),
    "in complex numbers": (Complex, FOUND),
    "on meta": (lambda: Plain().to("meta"), FOUND),
    "partly on meta": (partly_on_meta, FOUND),
    "on a GPU": (on_cuda, FOUND),
    "compiled": (lambda: torch.compile(Plain()), FOUND),
    "compiled in place": (compiled_in_place, FOUND),
    "with a compiled part": (lambda: nn.Sequential(torch.compile(Plain())), layers("0.")),
    "in TorchScript": (lambda: scripted(Plain), FOUND),
    "in TorchScript, for inference": (lambda: scripted(lambda: Plain().eval()), FOUND),
    "traced": (lambda: torch.jit.trace(Plain().eval(), torch.zeros(1, 3, 32, 32)), FOUND),
    "with a part in TorchScript": (
        lambda: nn.Sequential(scripted(Plain)),
        layers("0."),
    ),
    "data-parallel": (parallel, FOUND),
    "data-parallel and compiled": (lambda: torch.compile(parallel()), FOUND),
    "with a data-parallel part": (lambda: nn.Sequential(parallel()), layers("0.")),
    "with checkpoints": (Checkpointing, FOUND),
    "with vmap": (Mapping, FOUND),
    "with functional_call": (Functional, FOUND),
    "with autocast": (Mixing, FOUND),
    "without gradients": (Ungraded, FOUND),
    "in inference mode": (Inferring, FOUND),
    "with weight norms": (weight_normed, FOUND),
    "with spectral norms": (spectral, FOUND),
    "with one module under two names": (sharing, FOUND),
    "lazy": (lazy, FOUND),
    "with hooks": (hooked, FOUND),
    "with another forward": (patched, FOUND),
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
    "quantised": (quantised, layers("1.")),
    "quantised dynamically": (lambda: quantised(dynamic=True), FOUND),
}


def judged(analysis: rfa.Analysis) -> Layers:
    return [
        (
            one.layer.name,
            one.layer.kernel,
            one.layer.input.min,
            one.layer.output.max,
            one.layer.exact,
        )
        for one in analysis.layers
        if one.layer.judgeable == "weights"
    ]


def snapshot(model: Any) -> dict[str, Any]:
    from torch.nn.modules import module as hooks

    every = list(model.named_modules())
    own = [one for one in (*model.parameters(), *model.buffers()) if not nn.parameter.is_lazy(one)]
    return {
        "memory": [one.data_ptr() for one in own if type(one.data) is torch.Tensor and one.is_cpu],
        "state": {name: described(value) for name, value in model.state_dict().items()},
        "attributes": {
            name: described(value)
            for path, module in every
            for name, value in vars(module).items()
            if type(value) is torch.Tensor
        },
        "training": {path: getattr(module, "training", None) for path, module in every},
        "modules": [id(module) for _, module in every],
        "hooks": [
            [list(value.items()) for name, value in vars(module).items() if "_hooks" in name]
            for _, module in every
        ],
        "global hooks": (len(hooks._global_forward_hooks), len(hooks._global_forward_pre_hooks)),
        "random": (
            torch.random.get_rng_state().tolist(),
            random.getstate(),
            np.random.get_state()[1].tolist(),
        ),
        "torch": (
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch._C._get_graph_executor_optimize(),
            {name: getattr(torch.Tensor, name) for name in ("numpy", "tolist")},
            dict(vars(torch.inference_mode)),
        ),
    }


def described(value: Any) -> Any:
    """A tensor in full; NaN equals itself in words."""
    if not isinstance(value, torch.Tensor):
        return str(value)
    if value.device.type != "cpu" or nn.parameter.is_lazy(value):
        return type(value), value.device, value.dtype
    numbers = value.dequantize() if value.is_quantized else value
    return value.dtype, value.requires_grad, str(numbers.tolist())


@pytest.mark.parametrize("name", READ)
def test_an_awkward_model_is_read_like_the_plain_one_and_left_as_it_was(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    build, expected = READ[name]
    model = built(build)
    before = snapshot(model)

    found = judged(rfa.analyse(model, "48x64"))

    assert found == expected
    assert snapshot(model) == before


SHAPE = "if the input is of another shape, give it as `input-shape` in its entry of `factories`"
ARGUMENTS = (
    "give a shape for each tensor that forward takes as `input-shape`, as [[1, 3, 'H', 'W'], "
    "[1]]; whatever else it needs a module can pass on whose forward takes tensors alone"
)
GPU = (
    "the model is read without a GPU: let its forward take the device of its input, as in "
    "`torch.zeros(3, device=x.device)`"
)
CHANNELS = "RuntimeError: Given groups=1, weight of size [2, 5, 3, 3], expected input[1, 4, 23, 60]"

TOLD: dict[str, tuple[Callable[[], Any], str, str]] = {
    "another batch": (
        Refusing,
        "[1, 3, 48, 64] fails in the model's own forward: AssertionError: batches of 8, please",
        SHAPE,
    ),
    "on purpose": (
        Raising,
        "[1, 3, 48, 64] fails in the model's own forward: NotImplementedError: to be written",
        SHAPE,
    ),
    "other arguments": (
        Scaling,
        "[1, 3, 48, 64] fails in the model's own forward: TypeError: Scaling.forward() missing 1 "
        "required positional argument: 'scale'",
        ARGUMENTS,
    ),
    "no arguments": (
        Deaf,
        "[1, 3, 48, 64] fails in the model's own forward: TypeError: Deaf.forward() takes 1 "
        "positional argument but 2 were given",
        ARGUMENTS,
    ),
    "more keys than shapes": (
        Keyed,
        "[1, 3, 48, 64] in a dictionary fails in the model's own forward: KeyError: \"the keys "
        "'image', 'mask' are asked for: give a shape for each\"",
        SHAPE,
    ),
    "a GPU by name": (
        OnGPU,
        "[1, 3, 48, 64] fails in the model's own forward: ",
        GPU,
    ),
    "NumPy": (
        ThroughNumPy,
        "[1, 3, 48, 64] fails in the model's own forward: TypeError: values that depend on the "
        "input are converted to NumPy, where they cannot be followed",
        SHAPE,
    ),
    "wrong channels": (Mismatched, f"[1, 3, 48, 64] fails in rest.1: {CHANNELS} to have 5", SHAPE),
    "wrong channels in TorchScript": (
        lambda: scripted(Mismatched),
        f"[1, 3, 48, 64] fails in the model's own forward: {CHANNELS} to have 5",
        SHAPE,
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_model_that_cannot_be_read_is_told_clearly_and_left_as_it_was(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    build, message, hint = TOLD[name]
    model = built(build)
    before = snapshot(model)

    with pytest.raises(ForwardError) as raised:
        rfa.analyse(model, "48x64", name="net")

    assert raised.value.message.startswith(f"net: the forward pass on {message}")
    assert raised.value.hint == hint
    assert snapshot(model) == before


def test_a_model_that_refuses_a_batch_of_one_is_read_with_the_batch_it_wants() -> None:
    found = judged(rfa.analyse(Refusing(), "48x64", input_shape=(8, 3, "H", "W")))

    assert found == FOUND


def test_what_ran_before_values_leave_pytorch_is_kept_and_the_rest_is_told() -> None:
    class Late(Plain):
        def forward(self, x: Any) -> Any:
            x = self.first(x)
            return self.rest(torch.from_numpy(x.cpu().numpy()))

    analysis = rfa.analyse(Late(), "48x64")

    assert judged(analysis) == ONE
    assert len(analysis.model.notes) == 2
    assert "recording stopped before the end" in analysis.model.notes[1]
    assert "converted to NumPy" in analysis.model.notes[1]


@pytest.mark.parametrize("model", [Undecided(), Listing(), Watchful()])
def test_values_that_are_read_are_told_since_other_images_may_go_another_way(model: Any) -> None:
    notes = rfa.analyse(model, "48x64").model.notes

    assert len(notes) == 2
    assert notes[1].startswith("the forward pass reads values of its input in the model's own")


def test_a_model_that_ignores_its_input_is_told() -> None:
    class Ignoring(Plain):
        def forward(self, _x: Any) -> Any:
            return super().forward(torch.zeros(1, 3, 48, 64, device=self.first.weight.device))

    analysis = rfa.analyse(Ignoring(), "48x64")

    assert analysis.layers == ()
    assert analysis.model.notes[1:] == ("nothing that the model computes depends on its input",)


def test_data_parallel_processes_are_seen_through() -> None:
    distributed = pytest.importorskip("torch.distributed")
    if not distributed.is_available():
        pytest.skip("this PyTorch has no torch.distributed")
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    try:
        model = nn.parallel.DistributedDataParallel(Plain())
        before = snapshot(model.module)

        found = judged(rfa.analyse(model, "48x64"))

        assert found == FOUND
        assert snapshot(model.module) == before
    finally:
        distributed.destroy_process_group()


def test_a_model_of_chance_is_read_the_same_way_each_time() -> None:
    first, second = (judged(rfa.analyse(Tossing(), "48x64")) for _ in range(2))

    assert first == second == FOUND


PROJECT = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)
        self.second = nn.Conv2d(5, 4, 3)

    def forward(self, x):
        x = self.first(x)
        return self.after(x)

    def after(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(x)


class Choosing(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        x = self.first(x)
        if x.sum() > 0:
            return x
        return -x
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module above, in a project of its own."""
    from importlib.util import module_from_spec, spec_from_file_location

    monkeypatch.chdir(tmp_path)
    (tmp_path / "nets.py").write_text(PROJECT, encoding="utf-8")
    spec = spec_from_file_location("nets", tmp_path / "nets.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda build: build(), "second (at nets.py:16)"),
        (scripted, "the model's own forward (at nets.py:16)"),
    ],
)
def test_a_failure_names_the_innermost_line_of_the_project(
    change: Callable[[Any], Any], place: str, project: Any
) -> None:
    model = built(lambda: change(project.Net))

    with pytest.raises(ForwardError) as raised:
        rfa.analyse(model, 48, name="net")

    assert f"[1, 3, 48, 48] fails in {place}: RuntimeError: Given groups=1" in raised.value.message


def test_a_value_that_is_read_is_told_with_its_line(project: Any) -> None:
    analysis = rfa.analyse(project.Choosing(), 48)

    assert analysis.model.notes[1:] == (
        "the forward pass reads values of its input in the model's own forward (at nets.py:26): on "
        "other images it may go another way",
    )
