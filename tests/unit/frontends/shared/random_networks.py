"""Random PyTorch networks as programs: one expression after the other, each checked as it is drawn.

Every value of a program is a map ``[1, channels, *positions]``. What a step leaves open is drawn;
a step that the framework refuses, or that would grow too large, is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import network_blocks
import torch
from hypothesis import strategies as st
from torch import nn

LARGEST = 4000
"""Elements of the largest tensor."""
MOST_CHANNELS = 8
SIZES = {
    1: [(48,), (64,), (47,)],
    2: [(32, 12), (12, 32), (24, 16), (21, 18)],
    3: [(16, 8, 6), (8, 16, 6), (6, 8, 16), (9, 10, 8)],
}
NAMES = {**vars(network_blocks), "torch": torch, "nn": nn}


class Network(nn.Module):
    """A program to run: ``layers[i]`` is what an expression calls ``L[i]``."""

    def __init__(self, layers: tuple[str, ...], lines: tuple[str, ...]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.ModuleList(eval(layer, NAMES) for layer in layers)
        self.lines = [compile(line, "<drawn>", "eval") for line in lines]

    def forward(self, x: Any) -> Any:
        h, known = [x], {**NAMES, "L": self.layers}
        known["h"] = h
        for line in self.lines:
            h += [eval(line, known)]
        return h[-1]


@dataclass(frozen=True)
class Drawn:
    """A program on inputs of ``channels`` and ``sizes``, compared along ``axis``."""

    channels: int
    sizes: tuple[int, ...]
    axis: int
    layers: tuple[str, ...]
    lines: tuple[str, ...]

    def build(self) -> Network:
        return Network(self.layers, self.lines).eval()

    def __repr__(self) -> str:
        first = f"h[0] = input of {[1, self.channels, *self.sizes]}, compared along {self.axis}"
        return "\n".join([first, *map(self._line, range(len(self.lines)))])

    def _line(self, place: int) -> str:
        text = self.lines[place]
        for number, layer in reversed(list(enumerate(self.layers))):
            text = text.replace(f"L[{number}]", layer)
        return f"h[{place + 1}] = {text}"


@dataclass
class Draft:
    """A program in the making, which has run as far as it goes."""

    draw: Callable[..., Any]
    values: list[torch.Tensor]
    layers: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    made: list[nn.Module] = field(default_factory=list)

    @property
    def axes(self) -> int:
        return self.values[0].dim() - 2

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, max(low, high)))

    def flag(self) -> bool:
        return self.draw(st.booleans())

    def per_axis(self, low: int, high: int) -> tuple[int, ...]:
        return tuple(self.number(low, high) for _ in range(self.axes))

    def some_axis(self) -> int:
        """A dimension that holds positions."""
        return self.number(2, self.axes + 1)

    def like(self, x: int, *dims: int) -> int:
        """An earlier value of the same size in all dimensions but ``dims``."""
        shape = self._without(x, dims)
        return self.pick(*(y for y in range(len(self.values)) if self._without(y, dims) == shape))

    def _without(self, x: int, dims: tuple[int, ...]) -> list[int]:
        return [size for dim, size in enumerate(self.values[x].shape) if dim not in dims]

    def layer(self, source: str) -> str:
        self.layers.append(source)
        self.made.append(eval(source, NAMES).eval())
        return f"L[{len(self.layers) - 1}]"

    def add(self, step: Step) -> None:
        """The step applied to one of the last values, if that is possible."""
        last = len(self.values) - 1
        x = last if self.flag() else self.number(0, last)
        layers = len(self.layers)
        try:
            line = step(self, x)
            value = eval(line, {**NAMES, "L": self.made, "h": self.values})
        except (RuntimeError, ValueError, IndexError, TypeError):
            value = None
        if value is None or not self._fits(value):
            del self.layers[layers:], self.made[layers:]
            return
        self.lines.append(line)
        self.values.append(value)

    def _fits(self, value: torch.Tensor) -> bool:
        return (
            value.dim() == self.axes + 2
            and 0 < value.numel() <= LARGEST
            and value.shape[0] == 1
            and value.shape[1] <= MOST_CHANNELS
        )


Step = Callable[[Draft, int], str]


@st.composite
def networks(draw: Callable[..., Any], axes: int, steps: tuple[Step, ...], most: int = 6) -> Drawn:
    """A random network of up to ``most`` of the ``steps`` on inputs with ``axes`` axes."""
    sizes = draw(st.sampled_from(SIZES[axes]))
    channels = draw(st.integers(1, 4))
    axis = draw(st.integers(0, axes - 1))
    image = torch.full((1, channels, *sizes), 0.5)
    draft = Draft(draw, [image])
    with torch.no_grad():
        for _ in range(draw(st.integers(1, most))):
            draft.add(draw(st.sampled_from(steps)))
    return Drawn(channels, sizes, axis, tuple(draft.layers), tuple(draft.lines))
