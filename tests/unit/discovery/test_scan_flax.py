"""Models of Flax: what their fields and random numbers mean for discovery."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rfa_core.discovery.scan import scan

Tree = Callable[[Mapping[str, str]], str]

LINEN = """\
from typing import ClassVar
import flax.linen as nn

class Template(nn.Module):
    width: int
    names: ClassVar[list]
    depth: int = 3

    @nn.compact
    def __call__(self, x, train: bool):
        return nn.Conv(self.width, (3, 3))(x)

class Net(Template):
    width: int = 8

class Other(nn.Module):
    def __call__(self, x, *, deterministic: bool):
        return x

class Bare(nn.Module):
    width: int
    depth: int = 3

    def __call__(self, x):
        return x

class Layer(nn.Dense):
    pass

def small():
    return Template(4)

def sequence():
    return nn.Sequential([nn.Conv(3, (3, 3))])
"""
NNX = """\
from flax import nnx

class Net(nnx.Module):
    def __init__(self, depth: int = 3, *, rngs: nnx.Rngs):
        self.conv = nnx.Conv(3, depth, (3, 3), rngs=rngs)

    def __call__(self, x):
        return self.conv(x)

class Wide(nnx.Module):
    def __init__(self, width, rngs):
        self.conv = nnx.Conv(3, width, (3, 3), rngs=rngs)

    def __call__(self, x):
        return self.conv(x)
"""


def test_fields_without_a_value_are_arguments_of_linen_modules(tree: Tree) -> None:
    root = tree({"acme.py": LINEN})

    listing = scan(["."], root, ())

    assert [(target.name, target.framework) for target in listing.targets] == [
        ("acme.py::Net", "jax"),
        ("acme.py::Other", "jax"),
        ("acme.py::small", "jax"),
        ("acme.py::sequence", "jax"),
    ]
    reasons = {skipped.name: skipped.reason for skipped in listing.left_alone}
    assert reasons["acme.py::Bare"] == "needs arguments: width"
    assert reasons["acme.py::Template"] == "base class of Net"
    assert reasons["acme.py::Layer"] == "inherits unknown arguments from flax.linen.Dense"


def test_random_numbers_are_no_argument_of_nnx_modules(tree: Tree) -> None:
    root = tree({"acme.py": NNX})

    listing = scan(["."], root, ())

    assert [(target.name, target.framework) for target in listing.targets] == [
        ("acme.py::Net", "jax")
    ]
    assert [skipped.reason for skipped in listing.left_alone] == ["needs arguments: width"]
