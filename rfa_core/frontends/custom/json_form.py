"""The JSON form of custom graphs, version 1: one object per layer, data only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rfa_core.errors import InvalidGraphError
from rfa_core.frontends.custom.kinds.base import RESERVED
from rfa_core.frontends.custom.layers import (
    AXES,
    FORM,
    NAME,
    Layer,
    checked_layer,
    invalid,
    is_name,
    read_options,
    shown_name,
)
from rfa_core.frontends.custom.ordering import in_order
from rfa_core.graph.json_types import Json, shown
from rfa_core.graph.model import Location

VERSION = 1
LARGEST_FILE = 200_000_000
"""Bytes; a larger file was not written by hand, nor by one who saved a network."""
_KEYS = ("version", "name", "axes", "layers")


def text_of(name: str, axes: int, layers: Iterable[Layer]) -> str:
    """A network as JSON text, a line per layer."""
    lines = [json.dumps(_written(layer), ensure_ascii=False) for layer in layers]
    head = {"version": VERSION, "name": name, "axes": axes}
    start = json.dumps(head, ensure_ascii=False)[:-1]
    return start + ', "layers": [\n  ' + ",\n  ".join(lines) + "\n]}\n"


def data_of(file: str) -> tuple[Json, str]:
    """What a JSON file holds, and its text. Raises InvalidGraphError that says why it is none."""
    try:
        if Path(file).stat().st_size > LARGEST_FILE:
            raise InvalidGraphError(f"{file} is larger than {LARGEST_FILE:,} bytes", FORM)
        text = Path(file).read_text(encoding="utf-8")
        return json.loads(text, object_pairs_hook=_object), text
    except OSError as error:
        raise InvalidGraphError(f"{file} cannot be read: {error.strerror}") from None
    except RecursionError:
        raise InvalidGraphError(f"{file} is no graph: it is nested too deeply", FORM) from None
    except ValueError as error:
        raise InvalidGraphError(f"{file} is no JSON: {error}", FORM) from None


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise ValueError(f"the key {shown(twice)} stands twice in one object")
    return found


def network_of(data: Json, text: str, file: str) -> tuple[str, int, list[Layer]]:
    """The name, the number of axes and the layers that ``data`` describes, the ``text`` of a file.

    Raises InvalidGraphError that names the file and all mistakes.
    """
    problems = list(_head_problems(data))
    if problems:
        raise invalid(f"in {file}", problems)
    axes = data.get("axes", 2)
    entries = _entries(data["layers"])
    for entry in entries:
        problems += [f"{entry.place}: {text}" for text in _entry_problems(entry, axes)]
    layers = [_layer(entry) for entry in entries]
    problems += _repeated(entries) or in_order(layers)[0]
    if not any(layer.type == "input" for layer in layers):
        problems.append("layers: there is none of the kind input")
    if problems:
        raise invalid(f"in {file}", problems)
    return data["name"], axes, _made(axes, entries, text, file)


def _head_problems(data: Json) -> Iterator[str]:
    if not isinstance(data, dict):
        yield f"expected an object, found {shown(data)}"
        return
    for key in data:
        if key not in _KEYS:
            yield f"unknown key {shown(key)}; there are {', '.join(_KEYS)}"
    checks: dict[str, tuple[str, Callable[[Any], bool]]] = {
        "version": (f"{VERSION}", lambda value: value == VERSION and type(value) is int),
        "name": (NAME, is_name),
        "axes": ("1, 2 or 3", lambda value: type(value) is int and value in AXES),
        "layers": ("a list", lambda value: isinstance(value, list)),
    }
    for key, (wanted, fits) in checks.items():
        if key not in data:
            if key != "axes":
                yield f"{key} is missing"
        elif not fits(data[key]):
            yield f"{key}: expected {wanted}, found {shown(data[key])}"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A layer as it stands in the file: ``data`` is what was found at ``place``."""

    place: str
    data: Mapping[str, Any]
    after: tuple[str, ...] = ()
    problem: str = ""
    is_object: bool = True

    @property
    def options(self) -> dict[str, Any]:
        return {key: value for key, value in self.data.items() if key not in RESERVED}


def _entries(layers: list[Json]) -> list[_Entry]:
    found: list[_Entry] = []
    before: tuple[str, ...] = ()
    for place, data in enumerate(layers):
        if not isinstance(data, dict):
            text = f"expected an object, found {shown(data)}"
            found.append(_Entry(f"layers[{place}]", {}, (), text, is_object=False))
            continue
        name = data.get("name")
        where = f"layers[{place}]" + (f" ({shown_name(name)})" if is_name(name) else "")
        after = data.get("after", [] if data.get("type") == "input" else list(before))
        fits = isinstance(after, list) and all(isinstance(one, str) for one in after)
        problem = "" if fits else f"after: expected a list of names, found {shown(after)}"
        found.append(_Entry(where, data, tuple(after) if fits else (), problem))
        before = (name,) if isinstance(name, str) else ()
    return found


def _entry_problems(entry: _Entry, axes: int) -> Iterator[str]:
    if entry.problem:
        yield entry.problem
    if entry.is_object:
        yield from checked_layer(
            entry.data.get("name"), entry.data.get("type"), entry.options, axes
        )[1]


def _repeated(entries: list[_Entry]) -> list[str]:
    first: dict[str, str] = {}
    problems = []
    for entry in entries:
        name = entry.data.get("name")
        if isinstance(name, str) and name in first:
            problems.append(f"{entry.place}: the name is used twice, first in {first[name]}")
        elif isinstance(name, str):
            first[name] = entry.place
    return problems


def _layer(entry: _Entry) -> Layer:
    return Layer(shown_name(entry.data.get("name")), str(entry.data.get("type")), entry.after)


def _made(axes: int, entries: list[_Entry], text: str, file: str) -> list[Layer]:
    lines = _lines(text)
    layers = []
    for entry in entries:
        own, type_ = entry.data["name"], entry.data["type"]
        kind, _ = checked_layer(own, type_, entry.options, axes)
        assert kind is not None
        line = (Location(file, lines[own]),) if own in lines else ()
        options = read_options(kind, entry.options, axes)
        layers.append(Layer(own, type_, entry.after, options, line))
    return layers


def _lines(text: str) -> dict[str, int]:
    """The line of the file on which each layer has its name."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for name in _NAME.findall(line):
            found[json.loads(name)] = number
    return found


_NAME = re.compile(r'"name"\s*:\s*("(?:[^"\\]|\\.)*")')


def _written(layer: Layer) -> dict[str, Any]:
    own: dict[str, Any] = {"name": layer.name, "type": layer.type}
    if layer.type != "input":
        own["after"] = list(layer.after)
    return {**own, **layer.options}
