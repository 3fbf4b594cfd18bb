"""How layers and operations that we do not know are made known: decorators for plugins.

They fill the same tables as our own translations, by name, so that no framework is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from rfa_core.errors import UsageError
from rfa_core.frontends.described import Described, Description
from rfa_core.frontends.tables import home_of, table

Describe = TypeVar("Describe", bound=Callable[..., Description])
FRAMEWORKS = {
    "layer": ("torch", "keras", "jax", "custom"),
    "operation": ("torch", "keras", "tensorflow", "onnx", "jax"),
}
"""Those whose frontends ask the tables for what plugins describe."""
_CHANNELS_LAST = frozenset({"keras", "tensorflow", "jax"})


def layer_type(framework: str, *types: str | type) -> Callable[[Describe], Describe]:
    """Say what the layers of a type do; what happens inside of them is not looked at.

    A PyTorch module, by its class, the full name of its class or the last part of it (subclasses
    are meant, too); the function gets the module and reads its attributes::

        @rfa.layer_type("torch", "acme.ops.Involution")
        def involution(module):
            return rfa.Window(kernel=module.kernel_size, stride=module.stride)

    A layer of Keras or a module of Flax (``"jax"``), in the same way.

    A kind of layer for custom graphs; the parameters of the function are its options, and
    ``net.involution("mix", kernel=7)`` adds one::

        @rfa.layer_type("custom", "involution")
        def involution(kernel: int, stride: int = 1):
            return rfa.Window(kernel, stride)

    The function returns a ``Window``, ``Pointwise``, ``Everything`` or ``Sampled``. Raises
    UsageError for a framework that there is not, ConfigurationError for a second translation.
    """
    names = [one if isinstance(one, str) else home_of(one) for one in types]
    return _registers(framework, "layer", names)


def operation(framework: str, *names: str) -> Callable[[Describe], Describe]:
    """Say what an operation does that is called by its name, as a custom operator of PyTorch.

    The function gets what the operation is called with::

        @rfa.operation("torch", "acme::involve")
        def involve(x, weight, stride, padding):
            return rfa.Window(weight.shape[-2:], stride, padding=padding)

    For an operator of ONNX, a primitive of JAX or an operation of TensorFlow it gets the
    attributes by name, and ``shapes``, those of all that comes in, if it has such a parameter::

        @rfa.operation("onnx", "com.acme::Involve")
        def involve(shapes, strides, **_others):
            return rfa.Window(shapes[1][-2:], strides)

    For a ``keras.Operation``, by the name of its class, it gets the object.

    It returns a ``Window``, ``Pointwise``, ``Everything`` or ``Sampled``. Raises UsageError for a
    framework that there is not, ConfigurationError for a second translation.
    """
    return _registers(framework, "operation", names)


def _registers(
    framework: str, sort: str, names: list[str] | tuple[str, ...]
) -> Callable[[Describe], Describe]:
    if framework not in FRAMEWORKS[sort]:
        known = any(framework in names for names in FRAMEWORKS.values())
        raise UsageError(
            f"a {sort} of {framework} cannot be described"
            if known
            else f"there is no framework {framework!r}",
            f"there are {', '.join(FRAMEWORKS[sort])}",
        )
    if not names:
        raise UsageError(f"a {sort} of {framework} needs a name", "name what is described")

    if framework == "custom":
        import_module("rfa_core.frontends.custom.kinds")

    def register(describe: Describe) -> Describe:
        home = home_of(describe)
        described = Described(describe, home, framework in _CHANNELS_LAST)
        for name in names:
            table(framework, sort).add(name, described, home)
        return describe

    return register


class Registry:
    """What the hook ``rfa_register`` gets: the decorators, as methods."""

    def layer_type(self, framework: str, *types: str | type) -> Callable[[Any], Any]:
        """``rfa_core.layer_type``."""
        return layer_type(framework, *types)

    def operation(self, framework: str, *names: str) -> Callable[[Any], Any]:
        """``rfa_core.operation``."""
        return operation(framework, *names)
