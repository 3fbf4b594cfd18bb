"""Results on the meta device without PyTorch's own detours.

On the meta device only shapes are computed, but for some operations PyTorch gets them by
decomposing the operation in Python: a batch norm takes twelve times as long as a
convolution. These few, which make up most of a forward pass, are answered directly. Arguments
that PyTorch would refuse are left to PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Shortcut = Callable[..., Any]


def shortcut_of(func: Any) -> Shortcut | None:
    """What answers for ``func``, or None; its own result may be None for "ask PyTorch"."""
    return _SHORTCUTS.get(func)


def _like(source: Tensor, *_rest: Any, **_options: Any) -> Tensor | None:
    if source.is_meta and source.is_floating_point():
        return torch.empty_like(source)
    return None


def _itself(source: Tensor, *_rest: Any, **_options: Any) -> Tensor | None:
    return source if source.is_meta and source.is_floating_point() else None


def _batch_norm(
    source: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    mean: Tensor | None,
    var: Tensor | None,
    training: bool,
    *_rest: Any,
) -> tuple[Tensor, Tensor, Tensor] | None:
    channels = (source.shape[1],) if source.dim() > 1 else None
    own = [tensor for tensor in (weight, bias, mean, var) if tensor is not None]
    if training or not source.is_meta or any(tensor.shape != channels for tensor in own):
        return None
    none = source.new_empty(0)
    return torch.empty_like(source), none, none


def _layer_norm(
    source: Tensor, shape: list[int], weight: Tensor | None, bias: Tensor | None, _eps: float
) -> tuple[Tensor, Tensor, Tensor] | None:
    own = [tensor for tensor in (weight, bias) if tensor is not None]
    fits = list(source.shape[source.dim() - len(shape) :]) == list(shape)
    alike = all(list(one.shape) == list(shape) and one.dtype == source.dtype for one in own)
    if not (source.is_meta and source.is_floating_point() and fits and alike):
        return None
    none = source.new_empty(0)
    return torch.empty_like(source, memory_format=torch.contiguous_format), none, none


def _addmm(bias: Tensor, left: Tensor, right: Tensor, **options: Any) -> Tensor | None:
    if options or not (left.is_meta and left.dim() == right.dim() == 2):
        return None
    rows, columns = left.shape[0], right.shape[1]
    if left.shape[1] != right.shape[0] or bias.shape != (columns,) or left.dtype != right.dtype:
        return None
    return left.new_empty((rows, columns))


_aten = torch.ops.aten

_SHORTCUTS: dict[Any, Shortcut] = {
    _aten.native_batch_norm.default: _batch_norm,
    _aten.native_layer_norm.default: _layer_norm,
    _aten.addmm.default: _addmm,
    _aten.gelu.default: _like,
    _aten.hardsigmoid.default: _like,
    _aten.hardswish.default: _like,
    _aten.hardtanh.default: _like,
    _aten.relu.default: _like,
    _aten.sigmoid.default: _like,
    _aten.silu.default: _like,
    _aten.hardsigmoid_.default: _itself,
    _aten.hardswish_.default: _itself,
    _aten.hardtanh_.default: _itself,
    _aten.relu_.default: _itself,
    _aten.sigmoid_.default: _itself,
    _aten.silu_.default: _itself,
}
