"""Models inside what only runs them: compilers and data parallelism; names without those."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn
from torch.export import ExportedProgram

from rfa_core.frontends.torch.exported import program_of

_PARALLEL = (nn.DataParallel, nn.parallel.DistributedDataParallel)


def unwrapped(model: nn.Module | ExportedProgram) -> nn.Module:
    """The model inside ``torch.compile``, ``DataParallel`` or ``DistributedDataParallel``;
    an exported program as a module."""
    if isinstance(model, ExportedProgram):
        return program_of(model)
    inner = wrapped_by(model)
    return model if inner is None else unwrapped(inner)


def wrapped_by(module: nn.Module) -> nn.Module | None:
    """The module that ``module`` only runs, if that is all it does."""
    inner = module.module if isinstance(module, _PARALLEL) else getattr(module, "_orig_mod", None)
    return inner if isinstance(inner, nn.Module) else None


def title(model: nn.Module) -> str:
    """The class of the model, as its user wrote it."""
    return type_of(unwrapped(model))


def type_of(module: nn.Module) -> str:
    """The class of a module; of one that TorchScript has compiled, the class it was."""
    name = getattr(module, "original_name", None)
    return name if isinstance(name, str) else type(module).__name__


def named(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """``named_modules`` as they are called without wrappers: these share their model's name."""
    yield from _named("", model, set())


def _named(path: str, module: nn.Module, seen: set[int]) -> Iterator[tuple[str, nn.Module]]:
    if id(module) in seen:
        return
    seen.add(id(module))
    yield path, module
    inner = wrapped_by(module)
    if inner is not None:
        yield from _named(path, inner, seen)
        return
    for name, child in module._modules.items():
        if child is not None:
            yield from _named(f"{path}.{name}" if path else name, child, seen)
