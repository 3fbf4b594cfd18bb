"""Arguments and sizes as an exported program writes them, each in a form of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

DTYPES: dict[int, torch.dtype] = {
    1: torch.uint8, 2: torch.int8, 3: torch.int16, 4: torch.int32, 5: torch.int64,
    6: torch.float16, 7: torch.float32, 8: torch.float64, 9: torch.complex32,
    10: torch.complex64, 11: torch.complex128, 12: torch.bool, 13: torch.bfloat16,
}  # fmt: skip
"""PyTorch's types by their number in the schema of exported programs."""
_MEMORY_FORMATS = {
    1: torch.contiguous_format,
    2: torch.channels_last,
    3: torch.channels_last_3d,
    4: torch.preserve_format,
}
Values = Mapping[str, Any]
"""What has been computed, by name."""


def value(argument: Mapping[str, Any], values: Values, device: torch.device) -> Any:
    """The value of an argument; devices are all ``device``. Raises NotImplementedError for a
    form that this version does not know, KeyError for a name that was not computed."""
    ((form, written),) = argument.items()
    if form not in _FORMS:
        raise NotImplementedError(f"arguments of the form {form!r} are not understood")
    return _FORMS[form](written, values, device)


def _named(written: Any, values: Values, _device: torch.device) -> Any:
    return values[written["name"]]


def _all_named(written: Any, values: Values, _device: torch.device) -> Any:
    return [values[one["name"]] for one in written]


def _plain(written: Any, _values: Values, _device: torch.device) -> Any:
    return written


def _symbolic(written: Any, values: Values, _device: torch.device) -> Any:
    ((form, inner),) = written.items()
    return values[inner] if form == "as_name" else inner


def _all(one: Callable[..., Any]) -> Callable[..., Any]:
    return lambda written, values, device: [one(each, values, device) for each in written]


_FORMS: dict[str, Callable[[Any, Values, torch.device], Any]] = {
    "as_none": lambda _written, _values, _device: None,
    "as_tensor": _named,
    "as_tensors": _all_named,
    "as_nested_tensors": _all(_all_named),
    "as_optional_tensor": value,
    "as_optional_tensors": _all(value),
    "as_int": _plain,
    "as_ints": _plain,
    "as_int_lists": _plain,
    "as_float": lambda written, _values, _device: float(written),
    "as_floats": lambda written, _values, _device: [float(one) for one in written],
    "as_bool": _plain,
    "as_bools": _plain,
    "as_string": _plain,
    "as_strings": _plain,
    "as_sym_int": _symbolic,
    "as_sym_ints": _all(_symbolic),
    "as_sym_bool": _symbolic,
    "as_sym_float": _symbolic,
    "as_scalar_type": lambda written, _values, _device: DTYPES[written],
    "as_memory_format": lambda written, _values, _device: _MEMORY_FORMATS[written],
    "as_layout": lambda _written, _values, _device: torch.strided,
    "as_device": lambda _written, _values, device: device,
}


@dataclass(frozen=True, slots=True)
class Size:
    """A size of an input: ``times`` the number that ``symbol`` stands for, which lies between
    ``least`` and ``most``; fixed at ``times`` without a symbol."""

    times: int
    symbol: str = ""
    least: int = 1
    most: int | None = None

    @property
    def smallest(self) -> int:
        """The smallest that the program takes."""
        return self.times * max(self.least, 1) if self.symbol else self.times

    def number(self, size: int) -> int | None:
        """What ``symbol`` stands for where the input has ``size``; None if it cannot have it."""
        number, rest = divmod(size, self.times) if self.symbol else (1, size - self.times)
        fits = not rest and (not self.symbol or number >= self.least)
        return number if fits and (self.most is None or number <= self.most) else None

    def __str__(self) -> str:
        if not self.symbol:
            return str(self.times)
        most = "" if self.most is None else str(self.most * self.times)
        step = f" in steps of {self.times}" if self.times > 1 else ""
        return f"{self.smallest}..{most}{step}"


_SYMBOL = re.compile(
    r"(?:Mul\(Integer\((\d+)\), Symbol\('(\w+)'[^()]*\)\)|Symbol\('(\w+)'[^()]*\)"
    r"|(?:(\d+)\*)?([A-Za-z_]\w*))"
)


def size(written: Mapping[str, Any], ranges: Mapping[str, Mapping[str, Any]]) -> Size:
    """A size of an input: a number, a symbol or a multiple of one.

    Other expressions count as fixed at the size that the program was exported with.
    """
    ((form, inner),) = written.items()
    if form == "as_int":
        return Size(_whole(inner))
    match = _SYMBOL.fullmatch(inner["expr_str"])
    if match is None:
        return Size(_whole(inner["hint"]["as_int"]))
    times, symbol = match[1] or match[4] or 1, match[2] or match[3] or match[5]
    limits = ranges.get(symbol, {})
    return Size(int(times), symbol, limits.get("min_val") or 0, limits.get("max_val"))


def sizes(written: Mapping[str, Any]) -> tuple[int, ...]:
    """The sizes of a tensor that is no input: they are fixed."""
    return tuple(_whole(one["as_int"]) for one in written["sizes"])


def _whole(number: Any) -> int:
    if not isinstance(number, int) or not 0 <= number < 1 << 48:
        raise ValueError(f"{number!r} is no size")
    return number
