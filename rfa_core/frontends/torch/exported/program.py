"""An exported program as a module: its graph run node by node, inside the modules it came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from torch import Tensor, nn

from rfa_core.frontends.torch.exported.archive import Saved
from rfa_core.frontends.torch.exported.targets import function
from rfa_core.frontends.torch.exported.values import DTYPES, Size, size, sizes, value
from rfa_core.graph.model import Location

_DEEPEST = 100
_BY_NAME = 2
_WRAPPERS = ("torch.ops.higher_order.wrap_with_set_grad_enabled",
             "torch.ops.higher_order.wrap_with_autocast")  # fmt: skip
_LEARNED = {"parameter": "parameter_name", "buffer": "buffer_name",
            "tensor_constant": "tensor_constant_name"}  # fmt: skip
_LINE = re.compile(r'File "([^"\n]+)", line (\d+)')


class Part(nn.Module):
    """Stands for a module of the model that was exported: it runs what was recorded of one call.

    ``home`` is the dotted name of its class.
    """

    def __init__(self, home: str = "") -> None:
        super().__init__()
        self.home = home

    @property
    def original_name(self) -> str:
        return self.home.rpartition(".")[2] or "Module"

    def forward(self, run: Callable[[], None]) -> None:
        run()


@dataclass(frozen=True, slots=True)
class UserInput:
    """A tensor that the program is fed."""

    name: str
    sizes: tuple[Size, ...]
    dtype: torch.dtype


@dataclass(frozen=True, slots=True)
class _Step:
    """A node as it is written, and what it was recorded in: modules as (call, path)."""

    node: Mapping[str, Any]
    modules: tuple[tuple[str, str], ...]
    lines: tuple[Location, ...]


class Program(Part):
    """The program that was ``saved``.

    ``lines`` are those of the node that runs, outermost first. Raises KeyError, TypeError,
    ValueError and the like if it is not written as PyTorch writes one.
    """

    def __init__(self, saved: Saved) -> None:
        super().__init__()
        document = saved.document
        self.lines: tuple[Location, ...] = ()
        self._graph = document["graph_module"]["graph"]
        self._ranges = document.get("range_constraints") or {}
        self._bound: list[tuple[str, nn.Module, str]] = []
        self._literals: dict[str, Any] = {}
        self.inputs: list[UserInput] = []
        self._made: dict[str, Tensor] = {}
        for spec in document["graph_module"]["signature"]["input_specs"]:
            self._declare(spec, saved)
        self._steps = [self._step(node) for node in self._graph["nodes"]]

    def forward(self, *tensors: Tensor) -> list[Any]:  # type: ignore[override]
        device = tensors[0].device
        values: dict[str, Any] = dict(self._literals)
        values.update((own.name, one) for own, one in zip(self.inputs, tensors, strict=True))
        for name, part, leaf in self._bound:
            values[name] = part._parameters.get(leaf, part._buffers.get(leaf))
        self._check(tensors)
        self._run(self._steps, 0, values, device)
        return [value(one, values, device) for one in self._graph["outputs"]]

    # What the program is fed.

    def _declare(self, spec: Mapping[str, Any], saved: Saved) -> None:
        ((kind, own),) = spec.items()
        if kind in _LEARNED:
            self._bind(own["arg"]["name"], own[_LEARNED[kind]], kind, saved)
        elif kind == "user_input" and "as_tensor" in own["arg"]:
            name = own["arg"]["as_tensor"]["name"]
            meta = self._graph["tensor_values"][name]
            shape = tuple(size(one, self._ranges) for one in meta["sizes"])
            self.inputs.append(UserInput(name, shape, DTYPES[meta["dtype"]]))
        elif kind == "constant_input":
            ((_, self._literals[own["name"]]),) = own["value"].items()

    def _bind(self, name: str, path: str, kind: str, saved: Saved) -> None:
        """A learned tensor in the module it belongs to, without memory unless it holds indices."""
        meta = self._graph["tensor_values"][name]
        home, _, leaf = path.rpartition(".")
        part = self._part(home)
        stored = saved.described.get(path, {}).get("path_name", path)
        key = f"{kind}/{stored}/{sizes(meta)}"
        if key not in self._made:
            made = _tensor(meta, saved.described.get(path), saved.numbers.get(path))
            is_learned = kind == "parameter"
            self._made[key] = nn.Parameter(made, requires_grad=False) if is_learned else made
        tensor = self._made[key]
        if isinstance(tensor, nn.Parameter):
            part._parameters[leaf] = tensor
        else:
            part._buffers[leaf] = tensor
        self._bound.append((name, part, leaf))

    def _check(self, tensors: Sequence[Tensor]) -> None:
        """Raises ValueError where the program was not exported for inputs of such sizes."""
        known: dict[str, int] = {}
        for own, tensor in zip(self.inputs, tensors, strict=True):
            wanted = f"[{', '.join(map(str, own.sizes))}]"
            numbers = [one.number(n) for one, n in zip(own.sizes, tensor.shape, strict=False)]
            if None in numbers or len(own.sizes) != tensor.dim():
                raise ValueError(f"the program was exported for {own.name} of {wanted} only")
            for one, number in zip(own.sizes, numbers, strict=True):
                if (
                    number is not None
                    and one.symbol
                    and number != known.setdefault(one.symbol, number)
                ):
                    raise ValueError(
                        f"the program was exported for sizes that are the same number"
                        f" {one.symbol}: {wanted}"
                    )

    # How it runs.

    def _step(self, node: Mapping[str, Any]) -> _Step:
        metadata = node.get("metadata") or {}
        modules = []
        for item in filter(None, (metadata.get("nn_module_stack") or "").split(";")):
            key, _, rest = item.partition(",")
            path, _, home = rest.rpartition(",")
            part = self._part(path)
            part.home = part.home or home
            if path:
                modules.append((key, path))
        for own in node["inputs"]:
            if "as_graph" in own["arg"]:
                for inner in own["arg"]["as_graph"]["graph"]["nodes"]:
                    self._step(inner)
        lines = _LINE.findall(metadata.get("stack_trace") or "")
        return _Step(node, tuple(modules), tuple(Location(file, int(line)) for file, line in lines))

    def _part(self, path: str) -> Part:
        parts = path.split(".") if path else []
        if len(parts) > _DEEPEST:
            raise ValueError(f"modules are nested {len(parts)} deep")
        part: Part = self
        for name in parts:
            if name not in part._modules:
                part._modules[name] = Part()
            part = part._modules[name]  # type: ignore[assignment]
        return part

    def _run(
        self, steps: Iterable[_Step], depth: int, values: dict[str, Any], device: torch.device
    ) -> None:
        """Steps in a row that are of one call of a module run inside a call of its part."""
        for call, group in groupby(steps, lambda step: step.modules[depth : depth + 1]):
            inner = list(group)
            if call:
                self._part(call[0][1])(_later(self._run, inner, depth + 1, values, device))
            else:
                for step in inner:
                    self.lines = step.lines
                    self._execute(step, values, device)
        self.lines = ()

    def _execute(self, step: _Step, values: dict[str, Any], device: torch.device) -> None:
        node = step.node
        if node["target"] in _WRAPPERS:
            results, outputs = self._inner(step, values, device), _outputs(node)
        else:
            called = function(node["target"])
            if called is None:
                return
            args, kwargs = _arguments(node, values, device)
            result, outputs = called(*args, **kwargs), node["outputs"]
            results = [result] if len(outputs) == 1 else result
        for output, one in zip(outputs, results, strict=True):
            _keep(output, one, values)

    def _inner(self, step: _Step, values: dict[str, Any], device: torch.device) -> list[Any]:
        """A part of the graph that runs in another mode of autograd: the same to us."""
        arguments = [own["arg"] for own in step.node["inputs"]]
        at = next(n for n, argument in enumerate(arguments) if "as_graph" in argument)
        graph = arguments[at]["as_graph"]["graph"]
        own = {
            one["as_tensor"]["name"]: value(given, values, device)
            for one, given in zip(graph["inputs"], arguments[at + 1 :], strict=True)
        }
        steps = [self._step(node) for node in graph["nodes"]]
        depth = len(step.modules)
        inside = all(one.modules[:depth] == step.modules for one in steps)
        self._run(steps, depth if inside else 0, own, device)
        return [value(one, own, device) for one in graph["outputs"]]


def _arguments(
    node: Mapping[str, Any], values: Mapping[str, Any], device: torch.device
) -> tuple[list[Any], dict[str, Any]]:
    """By position and by name; older files do not say which, and have them in order."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for own in node["inputs"]:
        given = value(own["arg"], values, device)
        if own.get("kind") == _BY_NAME or kwargs:
            kwargs[own["name"]] = given
        else:
            args.append(given)
    return args, kwargs


def _outputs(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The results of a node one by one."""
    found: list[Mapping[str, Any]] = []
    for output in node["outputs"]:
        several = output.get("as_tensors")
        found += [output] if several is None else [{"as_tensor": one} for one in several]
    return found


def _later(run: Callable[..., None], *args: Any) -> Callable[[], None]:
    return lambda: run(*args)


def _keep(output: Mapping[str, Any], result: Any, values: dict[str, Any]) -> None:
    ((form, written),) = output.items()
    if form == "as_tensors":
        values.update((one["name"], made) for one, made in zip(written, result, strict=True))
    elif form == "as_tensor":
        values[written["name"]] = result
    elif form in ("as_sym_int", "as_sym_bool", "as_sym_float") and "as_name" in written:
        if isinstance(result, int) and result.bit_length() > 64:
            raise ValueError(f"{written['as_name']} is no size")
        values[written["as_name"]] = result
    elif form == "as_optional_tensors":
        for one, made in zip(written, result, strict=True):
            _keep(one, made, values)


def _tensor(
    meta: Mapping[str, Any], stored: Mapping[str, Any] | None, data: bytes | None
) -> Tensor:
    dtype, shape = DTYPES[meta["dtype"]], sizes(meta)
    if not data or stored is None:
        return torch.empty(shape, dtype=dtype, device="meta")
    layout = stored["tensor_meta"]
    strides = [one["as_int"] for one in layout["strides"]]
    offset = layout["storage_offset"]["as_int"]
    flat = torch.frombuffer(bytearray(data), dtype=dtype)
    return flat.as_strided(shape, strides, offset).clone()
