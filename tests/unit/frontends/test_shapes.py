"""Shapes that are answered directly are those that PyTorch computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from rfa_core.frontends.torch.shapes import shortcut_of  # noqa: E402

pytestmark = pytest.mark.torch

aten = torch.ops.aten


def meta(*shape: int, dtype: Any = None) -> Any:
    return torch.empty(shape, device="meta", dtype=dtype)


INPUTS: dict[str, Callable[[], Any]] = {
    "a map": lambda: meta(2, 4, 6, 8),
    "a map with channels last": lambda: meta(2, 4, 6, 8).to(memory_format=torch.channels_last),
    "a volume with channels last": lambda: meta(2, 4, 3, 6, 8).to(
        memory_format=torch.channels_last_3d
    ),
    "a transposed map": lambda: meta(2, 4, 8, 6).transpose(2, 3),
    "every other row": lambda: meta(2, 4, 12, 8)[:, :, ::2],
    "an expanded row": lambda: meta(2, 4, 1, 8).expand(2, 4, 6, 8),
    "an empty batch": lambda: meta(0, 4, 6, 8),
    "a single number": lambda: meta(),
    "half precision": lambda: meta(2, 4, 6, 8, dtype=torch.float16),
    "brain floats": lambda: meta(2, 4, dtype=torch.bfloat16),
    "integers": lambda: meta(2, 4, dtype=torch.int64),
    "a permuted map": lambda: meta(2, 6, 8, 4).permute(0, 3, 1, 2),
    "one channel with channels last": lambda: meta(2, 1, 6, 8).to(
        memory_format=torch.channels_last
    ),
}

ELEMENTWISE = ["gelu", "hardsigmoid", "hardswish", "hardtanh", "relu", "sigmoid", "silu"]


def outcome(run: Callable[[], Any]) -> Any:
    """Shapes, types and strides, or the kind of error."""
    try:
        found = run()
    except Exception as error:
        return type(error)
    results = found if isinstance(found, tuple) else (found,)
    return [(tuple(one.shape), one.dtype, _strides(one), one.device.type) for one in results]


def _strides(tensor: Any) -> list[int]:
    """Where there is more than one index: elsewhere a stride means nothing."""
    pairs = zip(tensor.stride(), tensor.shape, strict=True)
    return [stride for stride, size in pairs if size > 1]


def direct(func: Any, *args: Any, **options: Any) -> Any:
    """The direct answer, or PyTorch's where there is none."""
    shortcut = shortcut_of(func)
    assert shortcut is not None
    found = shortcut(*args, **options)
    return func(*args, **options) if found is None else found


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("source", INPUTS)
def test_an_activation_has_the_shape_and_layout_of_pytorch(name: str, source: str) -> None:
    func = getattr(aten, name).default

    found = outcome(lambda: direct(func, INPUTS[source]()))

    assert found == outcome(lambda: func(INPUTS[source]()))


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if name != "gelu"])
@pytest.mark.parametrize("source", ["a map", "a transposed map", "half precision"])
def test_an_activation_in_place_is_its_own_result(name: str, source: str) -> None:
    tensor = INPUTS[source]()

    found = direct(getattr(aten, f"{name}_").default, tensor)

    assert found is tensor


@pytest.mark.parametrize("source", INPUTS)
@pytest.mark.parametrize("channels", [4, 3, None])
def test_a_batch_norm_has_the_shape_and_layout_of_pytorch(
    source: str, channels: int | None
) -> None:
    own = [None if channels is None else meta(channels)] * 2
    running = [meta(channels or 4)] * 2

    def arguments() -> tuple[Any, ...]:
        return INPUTS[source](), *own, *running, False, 0.1, 1e-5

    func = aten.native_batch_norm.default
    found = outcome(lambda: direct(func, *arguments()))

    expected = outcome(lambda: func(*arguments()))
    assert _first(found) == _first(expected)


@pytest.mark.parametrize("source", INPUTS)
@pytest.mark.parametrize("shape", [[8], [6, 8], [4]])
def test_a_layer_norm_has_the_shape_and_layout_of_pytorch(source: str, shape: list[int]) -> None:
    func = aten.native_layer_norm.default

    def arguments() -> tuple[Any, ...]:
        return INPUTS[source](), shape, meta(*shape), meta(*shape), 1e-5

    found = outcome(lambda: direct(func, *arguments()))

    assert _first(found) == _first(outcome(lambda: func(*arguments())))


PRODUCTS: dict[str, tuple[tuple[int, ...], ...]] = {
    "plain": ((5,), (3, 4), (4, 5)),
    "a bias for each element": ((3, 5), (3, 4), (4, 5)),
    "one bias": ((1,), (3, 4), (4, 5)),
    "sizes that do not fit": ((5,), (3, 4), (6, 5)),
    "a bias that does not fit": ((6,), (3, 4), (4, 5)),
    "no rows": ((5,), (0, 4), (4, 5)),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_has_the_shape_and_layout_of_pytorch(name: str) -> None:
    tensors = [meta(*shape) for shape in PRODUCTS[name]]

    found = outcome(lambda: direct(aten.addmm.default, *tensors))

    assert found == outcome(lambda: aten.addmm.default(*tensors))


def test_a_product_of_transposed_factors_has_the_layout_of_pytorch() -> None:
    tensors = [meta(5), meta(4, 3).t(), meta(5, 4).t()]

    found = outcome(lambda: direct(aten.addmm.default, *tensors))

    assert found == outcome(lambda: aten.addmm.default(*tensors))


def test_tensors_with_values_are_left_to_pytorch() -> None:
    tensor = torch.tensor([-1.0, 2.0])

    assert direct(aten.relu.default, tensor).tolist() == [0.0, 2.0]


def _first(found: Any) -> Any:
    return found[0] if isinstance(found, list) else found
