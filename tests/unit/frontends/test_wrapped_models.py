"""Models in odd states and wrappers: each is read like the plain one, and left as it was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version
from plain_model import FOUND, Build, Layers, Plain, judged, layers, read, scripted, snapshot

import rfa_core as rfa

torch = pytest.importorskip("torch")
nn = torch.nn

pytestmark = pytest.mark.torch


class Complex(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, (3, 5), stride=(2, 1), dtype=torch.complex64)
        self.rest = nn.Sequential(
            nn.Identity(), nn.Conv2d(4, 2, 3, padding=1, dtype=torch.complex64)
        )

    def forward(self, x: Any) -> Any:
        return self.rest(self.first(x)).abs()


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


READ: dict[str, tuple[Build, Layers]] = {
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
    "with weight norms": (weight_normed, FOUND),
    "with spectral norms": (spectral, FOUND),
    "with one module under two names": (sharing, FOUND),
    "lazy": (lazy, FOUND),
    "with hooks": (hooked, FOUND),
    "with another forward": (patched, FOUND),
    "quantised": (quantised, layers("1.")),
    "quantised dynamically": (lambda: quantised(dynamic=True), FOUND),
}


LATER = {"on a GPU", "traced"}
"""What runs without memory from PyTorch 2.9 on."""


@pytest.mark.parametrize("name", READ)
def test_a_model_in_an_odd_state_is_read_like_the_plain_one_and_left_as_it_was(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in LATER and Version(torch.__version__) < Version("2.9"):
        pytest.skip("needs PyTorch 2.9")
    build, expected = READ[name]
    monkeypatch.chdir(tmp_path)

    found, before, after = read(build)

    assert found == expected
    assert after == before


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
