"""The user's model and PyTorch itself are left as they were found."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from rfa_core.frontends.base import ForwardError

torch = pytest.importorskip("torch")
nn = torch.nn

pytestmark = pytest.mark.torch


class Careless(nn.Module):
    """Writes to itself, draws random numbers, and fails if it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.5)
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))
        self.register_buffer("order", torch.arange(4))
        self.error = error
        self.history: list[Any] = []
        self.cache: dict[str, Any] = {"count": 0}
        self.last: Any = None

    def forward(self, x: Any) -> Any:
        self.seen += 1
        self.last = self.conv(x)
        self.history.append(self.last)
        self.cache["count"] += 1
        random.random()
        torch.set_default_dtype(torch.float64)
        noise = torch.rand(4, 1, 1, device=x.device, dtype=x.dtype)
        if self.error is not None:
            raise self.error
        return self.drop(self.norm(self.last[:, self.order])) + noise


def snapshot(model: Any) -> dict[str, Any]:
    from torch.nn.modules import module as hooks

    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {
        "tensors": {name: (id(tensor), tensor.tolist()) for name, tensor in tensors.items()},
        "training": {name: module.training for name, module in model.named_modules()},
        "attributes": (model.last, list(model.history), dict(model.cache)),
        "hooks": [len(module._forward_hooks) for module in model.modules()],
        "global hooks": (len(hooks._global_forward_hooks), len(hooks._global_forward_pre_hooks)),
        "random": (torch.random.get_rng_state().tolist(), random.getstate()),
        "torch": (
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.backends.mha.get_fastpath_enabled(),
        ),
    }


def partly_training() -> Any:
    model = Careless()
    model.train()
    model.norm.eval()
    return model


@pytest.mark.parametrize("build", [Careless, partly_training])
def test_tracing_leaves_no_trace(build: Callable[[], Any], trace_of: Any) -> None:
    model = build()
    before = snapshot(model)

    trace_of(lambda: model, (3, 20, 20))

    assert snapshot(model) == before


@pytest.mark.parametrize(
    "error", [ValueError("no"), RuntimeError("Tensor.item() cannot be called on meta tensors")]
)
def test_a_forward_pass_that_raises_leaves_no_trace(error: Exception, trace_of: Any) -> None:
    model = Careless(error).train()
    model.conv = nn.Identity()
    before = snapshot(model)

    with pytest.raises(ForwardError):
        trace_of(lambda: model, (3, 20, 20))

    assert snapshot(model) == before


def test_hooks_of_the_user_run_and_stay(trace_of: Any) -> None:
    model, calls = nn.Sequential(nn.Conv2d(3, 4, 3)), []
    model[0].register_forward_hook(lambda *_: calls.append("hook"))

    trace_of(lambda: model, (3, 20, 20))

    assert calls == ["hook"]
    assert len(model[0]._forward_hooks) == 1


def test_a_model_with_weights_is_traced_without_arithmetic(trace_of: Any) -> None:
    devices: list[str] = []
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3))
    for layer in model:
        layer.register_forward_hook(lambda _module, _args, out: devices.append(out.device.type))

    trace_of(lambda: model, (3, 20, 20))

    assert devices == ["meta", "meta", "meta"]


def test_recurrent_weights_are_not_used_either(trace_of: Any) -> None:
    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.gru = nn.Conv1d(2, 4, 3), nn.GRU(4, 4, batch_first=True)

        def forward(self, x: Any) -> Any:
            return self.gru(self.conv(x).transpose(1, 2))[0]

    devices: list[str] = []
    model = Recurrent()
    weights = [id(weight) for weight in model.gru._flat_weights]
    model.gru.register_forward_hook(lambda _m, _args, out: devices.append(out[0].device.type))

    trace_of(lambda: model, (2, 20))

    assert devices == ["meta"]
    assert [id(weight) for weight in model.gru._flat_weights] == weights


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature:UserWarning")  # PyTorch 2.3
def test_lazy_layers_stay_lazy(layers_of: Any) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.LazyConv2d(5, 3), nn.ReLU())

    layers = layers_of(lambda: model, (3, 20, 20))

    assert layers[1].output.max == (5, 5)
    assert isinstance(model[1], nn.LazyConv2d)
    assert nn.parameter.is_lazy(model[1].weight)


def test_a_model_in_half_precision_is_fed_in_half_precision(trace_of: Any) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).half()

    graph = trace_of(lambda: model, (3, 20, 20))

    assert [node.bytes // (4 * 18 * 18) for node in graph][1:] == [2, 2]
