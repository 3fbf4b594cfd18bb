"""The functions that an exported program may call: operators of PyTorch and whole numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any

import torch

_NAMESPACES = ("aten", "prims", "torchvision", "quantized_decomposed")
_ASSERTIONS = frozenset(
    {
        "_assert_async",
        "_assert_scalar",
        "_assert_tensor_metadata",
        "sym_constrain_range",
        "sym_constrain_range_for_size",
    }
)
_ON_NUMBERS: dict[str, Callable[..., Any]] = {
    **{
        f"_operator.{name}": getattr(operator, name)
        for name in (
            "add", "sub", "mul", "floordiv", "truediv", "mod", "neg", "pos", "eq", "ne", "lt",
            "le", "gt", "ge", "and_", "or_", "getitem",
        )
    },
    "math.ceil": math.ceil,
    "math.floor": math.floor,
    "math.trunc": math.trunc,
    "torch.sym_float": float,
    "torch.sym_int": int,
    "torch.sym_max": max,
    "torch.sym_min": min,
    "torch.sym_not": operator.not_,
}  # fmt: skip


@lru_cache(maxsize=1024)
def function(target: str) -> Callable[..., Any] | None:
    """What ``target`` calls, None for an assertion, which is left out.

    Only operators that make tensors and numbers: none that touches files. Raises
    NotImplementedError for others.
    """
    if target in _ON_NUMBERS:
        return _ON_NUMBERS[target]
    namespace, name, overload = _parts(target)
    if name in _ASSERTIONS:
        return None
    found = _operator(namespace, name, overload)
    if found is None or any(own.name == "filename" for own in found._schema.arguments):
        raise NotImplementedError(f"the program calls {target}, which is not supported")
    if not all(str(own.type) in _MADE for own in found._schema.returns):
        raise NotImplementedError(f"the program calls {target}, which makes no tensor")
    return found  # type: ignore[no-any-return]


_MADE = frozenset({"Tensor", "Optional[Tensor]", "List[Tensor]", "int", "SymInt", "float", "bool"})


def _parts(target: str) -> tuple[str, str, str]:
    parts = target.split(".")
    if len(parts) not in (4, 5) or parts[:2] != ["torch", "ops"]:
        raise NotImplementedError(f"the program calls {target}, which is no operator")
    return parts[2], parts[3], parts[4] if len(parts) == 5 else "default"


def _operator(namespace: str, name: str, overload: str) -> Any:
    if namespace not in _NAMESPACES:
        return None
    if namespace == "torchvision":
        import_module("torchvision")
    packet = getattr(getattr(torch.ops, namespace), name, None)
    found = getattr(packet, overload, None)
    return found if isinstance(found, torch._ops.OpOverload) else None
