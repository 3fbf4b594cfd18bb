"""The tensors that a forward pass is fed, and how they are passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from rfa_core.frontends.base import InputSpec, TensorSpec


def made(spec: InputSpec, resolution: Sequence[int], model: nn.Module, device: str) -> list[Tensor]:
    """The tensors of ``spec`` in what ``model`` computes in; on the CPU with values, since a
    forward pass runs there only to see some."""
    dtype = _dtype(model)
    return [_made(tensor, resolution, dtype, device) for tensor in spec.tensors]


def call(model: nn.Module, form: str, tensors: Sequence[Tensor]) -> object:
    """The result of ``model`` on ``tensors``, passed as ``form`` says."""
    return model(*_PASSED[form](tensors))


class Asked(dict[object, Tensor]):
    """A dictionary that has the keys it is asked for: each gets the next of the tensors."""

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        super().__init__()
        self._tensors = tensors

    def __missing__(self, key: object) -> Tensor:
        if len(self) == len(self._tensors):
            asked = ", ".join(map(repr, [*self, key]))
            raise KeyError(f"the keys {asked} are asked for: give a shape for each")
        self[key] = self._tensors[len(self)]
        return self[key]


_PASSED: dict[str, Callable[[Sequence[Tensor]], Sequence[Any]]] = {
    "arguments": lambda tensors: tensors,
    "list": lambda tensors: [list(tensors)],
    "images": lambda tensors: [[tensor[0] for tensor in tensors]],
    "dictionary": lambda tensors: [Asked(tensors)],
}


def _made(spec: TensorSpec, resolution: Sequence[int], dtype: torch.dtype, device: str) -> Tensor:
    shape = spec.at(resolution)
    if spec.indices:
        return torch.zeros(shape, dtype=torch.int64, device=device)
    fill = torch.rand if device == "cpu" else torch.zeros
    return fill(shape, dtype=dtype, device=device)


def _dtype(model: nn.Module) -> torch.dtype:
    """What the model computes in."""
    numbers = (p.dtype for p in model.parameters() if p.is_floating_point() or p.is_complex())
    return next(numbers, torch.get_default_dtype())
