"""Forward passes that ended early: what they did not come to, and what got no data."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from torch import nn

from rfa_core.graph.model import Node

SHOWN = 3


def stopped(where: str, missed: Sequence[str]) -> str:
    """``where`` and why recording ended, and the modules ``missed``."""
    more = f" and {len(missed) - SHOWN} more" if len(missed) > SHOWN else ""
    return f"{where}; not reached: {', '.join(missed[:SHOWN])}{more}" if missed else where


def emptied(nodes: Iterable[Node]) -> str:
    """The first layer that ran on nothing, since data choose what it gets; empty if none did."""
    layer = next((node.layer for node in nodes if node.weighted and 0 in node.shape), None)
    if layer is None:
        return ""
    return f"{layer}: data choose what it gets, and chose nothing in this run"


def modules_missed(model: nn.Module, called: Container[str]) -> tuple[str, ...]:
    """The outermost modules with parameters of which no part was called."""
    reached = {""}
    for path, _ in model.named_modules():
        parts = path.split(".") if path in called else []
        reached.update(".".join(parts[:end]) for end in range(1, len(parts) + 1))
    return tuple(
        path
        for path, module in model.named_modules()
        if path not in reached
        and path.rpartition(".")[0] in reached
        and next(module.parameters(), None) is not None
    )
