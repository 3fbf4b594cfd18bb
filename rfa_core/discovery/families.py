"""Which classes are networks, and which functions return one: resolved across files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from rfa_core.discovery.arguments import SUPPLIED_BY_JAX
from rfa_core.discovery.expressions import Call
from rfa_core.discovery.project import External, Project, Symbol
from rfa_core.discovery.syntax import Definition


class Role(Enum):
    """What a base class makes of its subclasses."""

    NETWORK = "network"
    WRAPPER = "wrapper"
    LIBRARY = "library"
    LAYER = "layer"
    LOSS = "loss"


@dataclass(frozen=True, slots=True)
class Family:
    """Where a class descends from: the framework, the role and the library's base class.

    ``required`` and ``inputs`` are those of the constructor and the forward method that it
    has or inherits; ``required`` is None when the constructor is a library's and unknown.
    """

    framework: str
    role: Role
    base: str
    required: tuple[str, ...] | None
    inputs: int | None


@dataclass(frozen=True, slots=True)
class Product:
    """What a function returns: networks of the project, or one of a library."""

    framework: str
    symbols: tuple[Symbol, ...]
    described: str


_PARTS = frozenset({Role.LAYER, Role.LOSS})
_KERAS = frozenset({"keras", "tensorflow", "tf_keras"})
_FLAX_MAKERS = frozenset({"flax.linen.Sequential", "flax.nnx.Sequential"})
_ZOOS = ("segmentation_models_pytorch.", "monai.networks.nets.", "efficientnet_pytorch.")
"""Where libraries on PyTorch have their networks, classes and functions that make them."""
_MAKERS = frozenset({"timm.create_model", "torch.nn.Sequential", "timm.models.create_model"})


class Families:
    """Answers about the definitions of one project, each worked out once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._families: dict[Symbol, Family | None] = {}
        self._products: dict[Symbol, Product | None] = {}
        self._needs: dict[Symbol, tuple[str, ...] | None] = {}

    def family(self, symbol: Symbol) -> Family | None:
        """The family of a class, None if it is no network (or the bases are unclear)."""
        if symbol not in self._families:
            self._families[symbol] = None
            self._families[symbol] = self._family(symbol)
        return self._families[symbol]

    def product(self, symbol: Symbol) -> Product | None:
        """The network that a function returns, None if it returns none."""
        if symbol not in self._products:
            self._products[symbol] = None
            self._products[symbol] = self._product(symbol)
        return self._products[symbol]

    def ancestors(self, symbol: Symbol) -> tuple[Symbol, ...]:
        """The classes of the project that a class inherits from, nearest first."""
        found: dict[Symbol, None] = {}
        pending = [symbol]
        while pending:
            current = pending.pop(0)
            for base in self._project.definition(current).bases:
                parent = self._project.resolve(current.file, base)
                if isinstance(parent, Symbol) and parent not in found:
                    found[parent] = None
                    pending.append(parent)
        return tuple(found)

    def is_network(self, symbol: Symbol) -> bool:
        """Whether ``symbol`` is a class of a family or a function that returns one."""
        if self._project.definition(symbol).is_class:
            return self.family(symbol) is not None
        return self.product(symbol) is not None

    def required(self, symbol: Symbol) -> tuple[str, ...] | None:
        """The arguments that ``symbol`` cannot be called without, None if they are unknown.

        Those of the network that a function passes its ``**kwargs`` on to count as its own; those
        that its builder supplies do not count.
        """
        origin = self.family(symbol) or self.product(symbol)
        required = self._required(symbol)
        supplied = SUPPLIED_BY_JAX if origin and origin.framework == "jax" else ()
        return required and tuple(name for name in required if name not in supplied)

    def _required(self, symbol: Symbol) -> tuple[str, ...] | None:
        if symbol not in self._needs:
            self._needs[symbol] = ()
            self._needs[symbol] = self._need(symbol)
        return self._needs[symbol]

    def _need(self, symbol: Symbol) -> tuple[str, ...] | None:
        family = self.family(symbol)
        if family is not None:
            return family.required
        definition = self._project.definition(symbol)
        calls = [call for call in definition.returned if call.spreads == "**"]
        passed_on = [self._missing(symbol.file, call) for call in calls]
        return definition.required or next(filter(None, passed_on), ())

    def _missing(self, file: str, call: Call) -> tuple[str, ...]:
        target = self._project.resolve(file, call.function)
        if not (isinstance(target, Symbol) and self.is_network(target)):
            return ()
        return _left_open(call, self._required(target) or ())

    def _family(self, symbol: Symbol) -> Family | None:
        definition = self._project.definition(symbol)
        if not definition.is_class:
            return None
        for base in definition.bases:
            parent = self._project.resolve(symbol.file, base)
            above = None
            if isinstance(parent, Symbol):
                above = self.family(parent)
            elif isinstance(parent, External):
                above = _library_family(parent.path)
            if above is not None:
                required = _needed(definition, above)
                inputs = above.inputs if definition.inputs is None else definition.inputs
                return Family(above.framework, above.role, above.base, required, inputs)
        return None

    def _product(self, symbol: Symbol) -> Product | None:
        definition = self._project.definition(symbol)
        if definition.is_class:
            return None
        found = [self._made(symbol.file, call) for call in definition.returned]
        products = [product for product in found if product is not None]
        if not products:
            others = (call for call in definition.returned if not self._is_part(symbol.file, call))
            is_part = bool(definition.returned) and next(others, None) is None
            return None if is_part else self._annotated(symbol)
        symbols = dict.fromkeys(made for product in products for made in product.symbols)
        described = dict.fromkeys(product.described for product in products)
        return Product(products[0].framework, tuple(symbols), ", ".join(described))

    def _made(self, file: str, call: Call) -> Product | None:
        target = self._project.resolve(file, call.function)
        if target is None and "." in call.function:
            target = self._class_of_method(file, call.function)
        if isinstance(target, External):
            framework = _library_maker(target.path)
            return Product(framework, (), target.path) if framework else None
        if target is None:
            return None
        above = self.family(target) or self.product(target)
        if above is None or (isinstance(above, Family) and above.role in _PARTS):
            return None
        return Product(above.framework, (target,), target.name)

    def _is_part(self, file: str, call: Call) -> bool:
        """Whether it makes a layer or a loss of a library, or of a class that is one."""
        target = self._project.resolve(file, call.function)
        above = self.family(target) if isinstance(target, Symbol) else None
        if isinstance(target, External):
            above = _library_family(target.path)
        return above is not None and above.role in _PARTS

    def _class_of_method(self, file: str, name: str) -> Symbol | None:
        owner = self._project.resolve(file, name.rpartition(".")[0])
        is_class = isinstance(owner, Symbol) and self._project.definition(owner).is_class
        return owner if is_class and isinstance(owner, Symbol) else None

    def _annotated(self, symbol: Symbol) -> Product | None:
        annotation = self._project.definition(symbol).annotation
        target = self._project.resolve(symbol.file, annotation) if annotation else None
        made = (target,) if isinstance(target, Symbol) else ()
        family = self.family(target) if isinstance(target, Symbol) else None
        if isinstance(target, External):
            family = _library_family(target.path)
        if family is None or family.role in _PARTS:
            return None
        return Product(family.framework, made, annotation or "")


def _needed(definition: Definition, above: Family) -> tuple[str, ...] | None:
    """What the constructor of a class below ``above`` needs, with what it hands up to it."""
    own = definition.required
    if own is None and above.base == "flax.linen.Module":
        own = _unfilled(above.required or (), definition.fields)
    if own is None:
        return above.required
    handed_up = definition.handed_up
    inherited = () if handed_up is None else _left_open(handed_up, above.required or ())
    return tuple(dict.fromkeys((*own, *inherited)))


def _left_open(call: Call, required: Sequence[str]) -> tuple[str, ...]:
    """Those of the ``required`` arguments that ``call`` does not give itself."""
    return tuple(name for name in required[call.positional :] if name not in call.keywords)


def _unfilled(inherited: Sequence[str], fields: Sequence[tuple[str, bool]]) -> tuple[str, ...]:
    """The fields of a dataclass that need a value: inherited ones that get none, and its own."""
    filled = dict(fields)
    kept = (name for name in inherited if name not in filled)
    return (*kept, *(name for name, has_value in fields if not has_value))


def _library_family(path: str) -> Family | None:
    parts = path.split(".")
    top, last = parts[0], parts[-1]
    if last == "LightningModule":
        return Family("torch", Role.WRAPPER, path, (), None)
    if top == "torch" and last in ("Module", "ScriptModule"):
        return Family("torch", Role.NETWORK, path, (), None)
    if path == "torch.nn.Sequential":
        return Family("torch", Role.NETWORK, path, (), 1)
    if path.startswith("torch.nn.") and last[:1].isupper():
        role = Role.LOSS if last.endswith("Loss") else Role.LAYER
        return Family("torch", role, path, None, None)
    if path == "rfa_core.Graph":
        return Family("custom", Role.NETWORK, path, None, 1)
    if path.endswith("loss._Loss"):
        return Family("torch", Role.LOSS, path, None, None)
    of_zoo = path.startswith(_ZOOS) or (top in ("torchvision", "timm") and "models" in parts)
    if of_zoo and last[:1].isupper():
        return Family("torch", Role.LIBRARY, path, None, 1)
    return _flax_family(path) if top == "flax" else _keras_family(top, last, path)


def _flax_family(path: str) -> Family | None:
    _, _, inner = path.partition(".")
    if inner in ("linen.Module", "nnx.Module"):
        return Family("jax", Role.NETWORK, path, (), None)
    is_layer = inner.startswith(("linen.", "nnx.")) and path.rpartition(".")[2][:1].isupper()
    return Family("jax", Role.LAYER, path, None, None) if is_layer else None


def _keras_family(top: str, last: str, path: str) -> Family | None:
    if top not in _KERAS:
        return None
    if path == "tensorflow.Module":
        return Family("tensorflow", Role.NETWORK, path, (), None)
    framework = _keras_of(top)
    if last in ("Model", "Sequential", "Functional"):
        return Family(framework, Role.NETWORK, path, (), 1)
    return Family(framework, Role.LAYER, path, None, None) if ".layers." in path else None


def _keras_of(top: str) -> str:
    """Keras 3, or legacy Keras: what ``tf.keras`` is, the environment says."""
    legacy = os.environ.get("TF_USE_LEGACY_KERAS", "").lower() in ("1", "true")
    return "tf_keras" if top == "tf_keras" or (legacy and top == "tensorflow") else "keras"


def _library_maker(path: str) -> str | None:
    """The framework of the network that calling ``path`` of a library returns."""
    parts = path.split(".")
    if path in ("rfa_core.Graph", "rfa_core.Graph.load"):
        return "custom"
    if path in _FLAX_MAKERS:
        return "jax"
    if path in _MAKERS or path.startswith(_ZOOS):
        return "torch"
    if parts[0] in ("torchvision", "timm") and "models" in parts[:-1]:
        is_helper = parts[-1].startswith(("list_", "get_model_", "get_weight"))
        return None if is_helper or parts[-1].endswith("_Weights") else "torch"
    if parts[0] in _KERAS and (parts[-1] in ("Model", "Sequential") or "applications" in parts):
        return _keras_of(parts[0])
    return None
