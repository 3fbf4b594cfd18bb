"""Which layer a node belongs to, by what exporters leave in names and metadata."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from onnx import NodeProto

from rfa_core.frontends.draft import Origin
from rfa_core.frontends.onnx.values import Value

_WEIGHT = re.compile(r"^(.+)[./](?:weight|weights|kernel)(?:_quantized|:0)?$")
_AGAIN = re.compile(r"_\d+$")
_SCOPES, _CLASSES = "pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy"
_FRAMEWORK = ("torch.nn.", "torch.ao.nn.", "torchvision.ops.")
_LONGEST = 4096
"""Metadata with more characters are not read."""


@dataclass(frozen=True, slots=True)
class Place:
    """A layer's ``name`` and ``type``; ``serial`` tells its calls apart where an exporter does."""

    name: str
    type: str
    serial: str = ""


class Layers:
    """Names the layer of each node, and numbers the calls of a layer."""

    def __init__(self, nodes: Sequence[NodeProto], weights: Iterable[str] = ()) -> None:
        self._inner = _modules_with_modules(nodes, weights)
        self._counted: dict[str, int] = {}
        self._calls: dict[str, int] = {}
        self._serial: dict[str, str] = {}
        self._key: dict[str, str] = {}
        self._by_key: dict[str, str] = {}

    def origin(self, node: NodeProto, values: Sequence[Value | None]) -> Origin:
        """Where ``node`` comes from; ``values`` are its inputs."""
        place = self._place(node, values)
        name, key = place.name, _key(node, values)
        known = self._by_key.get(key) if key else None
        if known is not None and _AGAIN.sub("", name) in (known, _AGAIN.sub("", known)):
            name = known
        elif key and self._key.get(name, key) != key:
            name = self._numbered(name)
        self._counted.setdefault(name, 1)
        if key:
            self._key.setdefault(name, key)
            self._by_key.setdefault(key, name)
        return Origin(name, place.type, self._call(name, place.serial))

    def _call(self, name: str, serial: str) -> int:
        if name not in self._calls:
            self._calls[name] = 0
        elif not serial or self._serial[name] != serial:
            self._calls[name] += 1
        self._serial[name] = serial
        return self._calls[name]

    def _place(self, node: NodeProto, values: Sequence[Value | None]) -> Place:
        own = self._stated(node) or self._scripted(node)
        path = _path_of_weight(values)
        if path is not None:
            is_same = own is not None and own.name == path
            serial = own.serial if own else ""
            return Place(path, own.type if own and is_same else _type(node, values), serial)
        if own is not None:
            return own
        return Place(node.name or self._numbered(node.op_type.lower()), node.op_type)

    def _stated(self, node: NodeProto) -> Place | None:
        """What PyTorch's exporter by ``torch.export`` writes into the metadata of a node."""
        found = {
            one.key: one.value for one in node.metadata_props if one.key in (_SCOPES, _CLASSES)
        }
        scopes, classes = _list(found.get(_SCOPES)), _list(found.get(_CLASSES))
        if len(scopes) < 2 or len(scopes) != len(classes):
            return None
        path, kind, function = scopes[-2], classes[-2], scopes[-1]
        if kind.startswith(_FRAMEWORK) and ".container." not in kind and path not in self._inner:
            return Place(path, kind.rpartition(".")[2], function)
        word = _AGAIN.sub("", function)
        return Place(self._numbered(f"{path}.{word}" if path else word), word, function)

    def _scripted(self, node: NodeProto) -> Place | None:
        """What PyTorch's older exporter writes into names: ``/layer1/layer1.0/conv1/Conv``."""
        path = _module_path(node.name)
        if path is None:
            return None
        if path and path not in self._inner:
            return Place(path, node.op_type, "one")
        word = node.op_type.lower()
        return Place(self._numbered(f"{path}.{word}" if path else word), node.op_type, "one")

    def _numbered(self, name: str) -> str:
        count = self._counted[name] = self._counted.get(name, 0) + 1
        return name if count == 1 else f"{name}_{count}"


def _key(node: NodeProto, values: Sequence[Value | None]) -> str:
    """The weight that a node applies, which is another one in every layer."""
    for name, value in zip(node.input[1:], values[1:], strict=True):
        if (
            value is not None
            and not value.is_live
            and value.shape is not None
            and len(value.shape) > 1
        ):
            return value.weight or name
    return ""


def _path_of_weight(values: Sequence[Value | None]) -> str | None:
    for value in values:
        found = _WEIGHT.match(value.weight[:_LONGEST]) if value is not None else None
        if found and not found[1].startswith(("onnx::", "/")):
            return found[1]
    return None


def _type(node: NodeProto, values: Sequence[Value | None]) -> str:
    """The operator in the words of PyTorch, where these are others."""
    shape = next((value.shape for value in values if value is not None and value.shape), ())
    if node.op_type in ("Conv", "ConvTranspose"):
        return f"{node.op_type}{len(shape) - 2}d"
    return {"Gemm": "Linear", "MatMul": "Linear"}.get(node.op_type, node.op_type)


def _module_path(name: str) -> str | None:
    """The dotted path in a name of the older exporter, whose last part is the operator.

    A part below a container repeats its name: ``/layer1/layer1.0``.
    """
    if not name.startswith("/"):
        return None
    path: list[str] = []
    for part in name[1:].split("/")[:-1]:
        if path and part.startswith(f"{path[-1]}."):
            path[-1] = part
        else:
            path.append(part)
    return ".".join(path)


def _modules_with_modules(nodes: Sequence[NodeProto], weights: Iterable[str]) -> frozenset[str]:
    """Paths below which there are others, by the names of nodes and of weights."""
    paths = {_module_path(node.name) for node in nodes} - {None, ""}
    paths.update(found[1] for found in map(_WEIGHT.match, weights) if found)
    return frozenset(
        ".".join(parts[:end])
        for parts in (path.split(".") for path in paths if path)
        for end in range(1, len(parts))
    )


def _list(text: str | None) -> list[str]:
    """A list of texts as the exporter writes it."""
    if text is None or len(text) > _LONGEST:
        return []
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [str(one) for one in found] if isinstance(found, list) else []
