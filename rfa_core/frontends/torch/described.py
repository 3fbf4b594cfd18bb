"""Modules and operators that plugins describe: taken as a whole, and computed if they cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from rfa_core.frontends.described import Described, Description, DescriptionError, described_as
from rfa_core.frontends.tables import Table, table
from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.recorder import Recorder, tensors_in

LAYERS: Table[Described] = table("torch", "layer")


def description_of(kind: type) -> Described | None:
    """What a plugin says of the modules of a class."""
    return described_as(kind, LAYERS) if len(LAYERS) else None


class DescribedOperator:
    """The translation of an operator that a plugin describes."""

    def __init__(self, described: Described, name: str) -> None:
        self._described = described
        self._kind = name.rpartition(":")[2].strip("_")

    def __call__(self, recorder: Recorder, call: Call) -> None:
        said = self._described(*call.args, **call.kwargs)
        live = _live(recorder, (*call.args, *call.kwargs.values()))
        _emit(recorder, self._described, said, live, call.out, self._kind)

    def result(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor:
        """What the operator would return, where it cannot run. Raises DescriptionError."""
        said = self._described(*args, **kwargs)
        return _result(self._described, said, (*args, *kwargs.values()))


@contextmanager
def whole_modules(model: nn.Module, recorder: Recorder) -> Iterator[None]:
    """Modules that plugins describe are one node each while inside."""
    with ExitStack() as stack:
        for module in model.modules():
            described = description_of(type(module))
            if described is not None and not isinstance(module, torch.jit.ScriptModule):
                forward = _forward(module, described, recorder)
                stack.enter_context(_replaced(module, forward))
        yield


@contextmanager
def _replaced(module: nn.Module, forward: Callable[..., Any]) -> Iterator[None]:
    own = module.__dict__.get("forward")
    module.__dict__["forward"] = forward
    try:
        yield
    finally:
        if own is None:
            del module.__dict__["forward"]
        else:
            module.__dict__["forward"] = own


def _forward(module: nn.Module, described: Described, recorder: Recorder) -> Callable[..., Any]:
    original = module.forward

    def forward(*args: Any, **kwargs: Any) -> Any:
        said = described(module)
        given = (*args, *kwargs.values())
        with recorder.muted():
            out = _run(original, args, kwargs, described, said, recorder.stands_in)
        live = _live(recorder, given)
        if live:
            kind = _kind(type(module))
            recorder.whole(
                module.parameters(),
                lambda: _emit(recorder, described, said, live, out, kind),
                out,
                given,
            )
        return out

    return forward


def _run(
    forward: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    described: Described,
    said: Description,
    stands_in: bool,
) -> Any:
    """What the module returns; what would have its shape, where it cannot run."""
    try:
        return forward(*args, **kwargs)
    except Exception as error:
        if not stands_in:
            raise
        try:
            return _result(described, said, (*args, *kwargs.values()))
        except DescriptionError:
            raise error from None


def _emit(
    recorder: Recorder,
    described: Described,
    said: Description,
    live: Sequence[Tensor],
    out: Any,
    kind: str,
) -> None:
    source = tuple(live[0].shape)
    operands = [recorder.operand(tensor) for tensor in live]
    for made in tensors_in((out,)):
        shape = tuple(made.shape)
        steps, cost = described.steps(said, source, shape)
        names = operands
        for step in steps[:-1]:
            names = [recorder.step(step, names, shape, kind)]
        recorder.emit(made, steps[-1], names, kind, weighted=said.weighted, macs=cost)


def _result(described: Described, said: Description, given: Sequence[Any]) -> Tensor:
    source = next(iter(tensors_in(given)), None)
    if source is None:
        raise DescriptionError(f"no tensor comes in that {described.home} could speak of")
    return source.new_zeros(described.result(said, tuple(source.shape)))


def _live(recorder: Recorder, given: Sequence[Any]) -> list[Tensor]:
    return [tensor for tensor in tensors_in(given) if recorder.is_live(tensor)]


def _kind(cls: type) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
