"""Custom graphs by chance, mostly of layers that are regular, and changes to them."""

from __future__ import annotations

import random
from typing import Any

import rfa_core as rfa
from rfa_core.receptive.policy import Policy

POLICIES = (
    Policy(),
    Policy(strict_tie=True),
    Policy(judge_pointwise=False),
    Policy(judge_pooling=True),
    Policy(global_norms=True),
)


def network(chance: random.Random) -> rfa.Graph:
    """Up to a dozen layers on one to three axes, with branches that meet again."""
    axes = chance.choice([1, 2, 2, 2, 3])
    net = rfa.Graph("net", channels=chance.choice([1, 3, 4]), axes=axes)
    channels = {"input": net.input.options["channels"]}
    for place in range(chance.randrange(2, 12)):
        _add(net, f"layer{place}", channels, chance)
    if chance.random() < 0.3:
        _gated(net, channels, chance)
    if chance.random() < 0.4:
        if chance.random() < 0.5:
            net.global_pool("head.pool")
        net.dense("head.first", units=5, bias=chance.random() < 0.5)
        net.activation("head.activation")
        net.dense("head.last", units=3)
    return net


def change(net: rfa.Graph, chance: random.Random) -> dict[str, dict[str, Any]]:
    """Other kernels, strides, dilations and paddings for some of the layers."""
    sliding = [layer for layer in net.layers if "kernel" in layer.options]
    chosen = chance.sample(sliding, min(len(sliding), chance.randrange(3)))
    return {layer.name: window(chance, net.axes) for layer in chosen}


def window(chance: random.Random, axes: int) -> dict[str, Any]:
    def sizes(*numbers: int) -> int | tuple[int, ...]:
        if chance.random() < 0.2:
            return tuple(chance.choice(numbers) for _ in range(axes))
        return chance.choice(numbers)

    return {
        "kernel": sizes(1, 1, 2, 3, 3, 5),
        "stride": sizes(1, 1, 1, 2, 3),
        "dilation": sizes(1, 1, 1, 2),
        "padding": chance.choice(["same", "same", "same", "valid", sizes(0, 1, 2)]),
    }


def _add(net: rfa.Graph, name: str, channels: dict[str, int], chance: random.Random) -> None:
    source = chance.choice(list(channels)[-2:])
    width, alike = channels[source], [one for one in channels if channels[one] == channels[source]]
    kind = chance.choice(KINDS)
    if kind == "conv":
        made = chance.choice([4, 4, 6])
        groups = chance.choice([1, 1, 2]) if width % 2 == 0 else 1
        net.conv(name, source, filters=made, groups=groups, **window(chance, net.axes))
        width = made
    elif kind == "depthwise_conv":
        multiplier = chance.choice([1, 1, 2])
        net.depthwise_conv(name, source, multiplier=multiplier, **window(chance, net.axes))
        width *= multiplier
    elif kind in ("max_pool", "avg_pool"):
        net.layer(name, kind, source, **window(chance, net.axes))
    elif kind in ("add", "multiply"):
        net.layer(name, kind, source, chance.choice(alike[-3:]))
    elif kind == "concat":
        other = chance.choice(list(channels)[-3:])
        net.concat(name, source, other)
        width += channels[other]
    elif kind == "channels":
        start = chance.randrange(width)
        stop = chance.randrange(start + 1, width + 1)
        net.channels(name, source, start=start, stop=stop)
        width = stop - start
    elif kind == "channel_shuffle":
        groups = chance.choice([one for one in range(1, width + 1) if width % one == 0])
        net.channel_shuffle(name, source, groups=groups)
    elif kind in ("pad", "crop"):
        start, end = (chance.randrange(3) for _ in range(2))
        net.layer(name, kind, source, start=start, end=end)
    elif kind == "upsample":
        net.upsample(name, source, factor=2)
    else:
        net.layer(name, kind, source)
    channels[name] = width


def _gated(net: rfa.Graph, channels: dict[str, int], chance: random.Random) -> None:
    """Squeeze and excitation."""
    source = chance.choice(list(channels)[1:])
    net.global_pool("gate.pool", source)
    net.conv("gate.in", filters=2, kernel=1)
    net.conv("gate.out", filters=channels[source], kernel=chance.choice([1, 3]))
    net.multiply("gate", source, "gate.out")
    net.conv("gated", filters=4, **window(chance, net.axes))


KINDS = (
    *("conv",) * 8, *("depthwise_conv",) * 2, *("add",) * 3, *("concat",) * 2, "multiply",
    "max_pool", "avg_pool", "norm", "activation", "channels", "channel_shuffle", "pad", "crop",
    "upsample",
)  # fmt: skip
