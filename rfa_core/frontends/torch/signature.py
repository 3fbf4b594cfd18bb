"""What a model's forward wants to be called with."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

from torch import nn

_LIST = re.compile(r"\b(list|sequence|iterable|tuple)\b.*tensor", re.IGNORECASE)
_DICTIONARY = re.compile(r"\b(dict|mapping|ordereddict)\b", re.IGNORECASE)
_PLAIN = re.compile(r"(builtins\.)?(int|float|bool|str|bytes)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional argument; ``kind`` is ``tensor``, ``list``, ``dictionary`` or ``plain``."""

    name: str
    kind: str
    required: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """The positional arguments of a forward, and whether it takes any number more."""

    arguments: tuple[Argument, ...]
    any_number: bool = False

    @property
    def required(self) -> tuple[Argument, ...]:
        """What a call has to give; of a forward that needs nothing, what it may be given."""
        needed = tuple(argument for argument in self.arguments if argument.required)
        return needed or self.arguments[:1]

    def takes(self, count: int) -> bool:
        """Whether ``count`` tensors can be given one by one."""
        needed = sum(argument.required for argument in self.arguments)
        return needed <= count and (self.any_number or count <= len(self.arguments))

    def __str__(self) -> str:
        return f"forward({', '.join(argument.name for argument in self.required)})"


def signature_of(model: nn.Module) -> Signature:
    """The signature of ``model.forward``; of ``*args`` if it cannot be read."""
    schema = getattr(model.forward, "schema", None)
    if schema is not None:
        return Signature(tuple(_scripted(argument) for argument in schema.arguments[1:]))
    try:
        found = inspect.signature(model.forward).parameters.values()
    except (TypeError, ValueError):
        return Signature((), any_number=True)
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return Signature(
        tuple(
            Argument(one.name, _kind(_text(one.annotation)), one.default is one.empty)
            for one in found
            if one.kind in positional
        ),
        any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in found),
    )


def _scripted(argument: Any) -> Argument:
    return Argument(argument.name, _kind(str(argument.type)), not argument.has_default_value())


def _text(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return str(annotation)


def _kind(annotation: str) -> str:
    if _PLAIN.fullmatch(annotation):
        return "plain"
    if _DICTIONARY.search(annotation):
        return "dictionary"
    return "list" if _LIST.search(annotation) else "tensor"
