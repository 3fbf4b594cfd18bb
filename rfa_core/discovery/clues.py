"""What the sources of a project say of its images and its libraries: read, never imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rfa_core.discovery.expressions import dotted
from rfa_core.discovery.files import is_test, python_files, read
from rfa_core.discovery.placing import relative
from rfa_core.discovery.values import UnknownValueError, Values

_TRANSFORMS: Mapping[str, int] = {
    "RandomCrop": 0,
    "RandomResizedCrop": 0,
    "CenterCrop": 1,
    "Resize": 1,
}
"""Transforms whose first argument is a size, and how strong a clue that is."""
_LOADED = frozenset(("image_size", "target_size"))
"""Arguments of loaders of images."""
_DATA: Mapping[str, int] = {
    "CIFAR10": 32,
    "CIFAR100": 32,
    "SVHN": 32,
    "MNIST": 28,
    "FashionMNIST": 28,
    "KMNIST": 28,
    "STL10": 96,
    "cifar10.load_data": 32,
    "cifar100.load_data": 32,
    "mnist.load_data": 28,
    "fashion_mnist.load_data": 28,
}
"""Data sets by the end of the call that loads them, and the pixels of their images."""
_TELLING = re.compile(r"Crop\(|Resize\(|_size=|SVHN|CIFAR|MNIST|STL10|load_data\(")
_IMPORTED = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Clue:
    """A call that says how large the images are; None where reading does not tell.

    ``strength``: 0 for what is fed in training, 1 for what may serve another purpose, 2 for what a
    data set has before any transform. ``place`` is its line, as ``train.py:35``.
    """

    size: int | None
    strength: int
    call: str
    place: str


@dataclass(frozen=True, slots=True)
class Clues:
    """All clues to the size of images, strongest first, and the top names of all imports."""

    sizes: tuple[Clue, ...] = ()
    imported: frozenset[str] = frozenset()

    @property
    def possible(self) -> tuple[int, ...]:
        """The sizes that the strongest clues with a size name."""
        known = [clue for clue in self.sizes if clue.size is not None]
        strength = known[0].strength if known else 0
        return tuple(sorted({one.size for one in known if one.size and one.strength == strength}))

    @property
    def certain(self) -> Clue | None:
        """A clue that all others of its strength agree with: to what is fed in training, or to
        what a data set has if nothing crops or resizes it."""
        first = next(iter(self.sizes), None)
        if first is None or first.strength == 1:
            return None
        sizes = {clue.size for clue in self.sizes if clue.strength == first.strength}
        return first if sizes == {first.size} and first.size is not None else None


def clues(root: str) -> Clues:
    """What the files below ``root`` (absolute) say, tests left out."""
    imported: set[str] = set()
    sizes: list[Clue] = []
    for file in python_files([root], root, ()):
        name = relative(file, root)
        text = "" if is_test(name) else read(file).content
        imported.update(_IMPORTED.findall(text))
        if _TELLING.search(text):
            sizes.extend(_sizes(text, name))
    return Clues(tuple(sorted(sizes, key=lambda clue: clue.strength)), frozenset(imported))


def _sizes(text: str, name: str) -> Iterator[Clue]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    values = Values(tree)
    for node in ast.walk(tree):
        call = dotted(node.func) if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and call is not None:
            for size, strength in _said(node, call, values):
                yield Clue(size, strength, call.rpartition(".")[2], f"{name}:{node.lineno}")


def _said(node: ast.Call, call: str, values: Values) -> Iterator[tuple[int | None, int]]:
    last = call.rpartition(".")[2]
    given: Mapping[str | None, ast.expr] = {one.arg: one.value for one in node.keywords}
    if last in _TRANSFORMS:
        arguments = [given["size"]] if "size" in given else node.args
        yield _square(arguments, values), _TRANSFORMS[last]
        return
    yield from ((_number(given[name], values), 0) for name in _LOADED & given.keys())
    ends = dict.fromkeys((last, ".".join(call.split(".")[-2:])))
    yield from ((_DATA[end], 2) for end in ends if end in _DATA)


def _square(arguments: Sequence[ast.expr], values: Values) -> int | None:
    """The one size that the first argument states; a number behind it may be a second size, or, if
    it is small, padding."""
    size, second = (_number(each, values) for each in (*arguments, None, None)[:2])
    is_one = size is None or second is None or second in (size, *range(size // 4 + 1))
    return size if is_one else None


def _number(node: ast.expr | None, values: Values) -> int | None:
    try:
        value = None if node is None else values.evaluate(node, ())
    except UnknownValueError:
        return None
    if isinstance(value, (list, tuple)):
        value = value[0] if len(set(map(repr, value))) == 1 else None
    return value if type(value) is int and value > 1 else None
