"""Networks to draw, a few lines each."""

from __future__ import annotations

from building import Net

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph

HOSTILE = (
    'a"b', "a\\", "\\N\\G\\l", "<b>bold</b>", "<x>", "a\nb", "a&amp;b", "{a|b}", "a->b", "node",
    "\x00\x1b[31m", "\u202eabc", "\ud800", "]]>", "<!--", "é" * 90, "%s{}", "n0", "", ".", "a..b",
)  # fmt: skip


def residual(blocks: int = 4, size: int = 16) -> Graph:
    """A stem, residual blocks with a norm and an activation each, a pooled head."""
    net = Net(size, size, channels=3)
    x = net.conv(net.input, 3, 2, channels=8, layer="stem", type="Conv2d", parameters=216)
    x = net.relu(net.norm(x), layer="act")
    for number in range(blocks):
        y = net.conv(x, 3, layer=f"body.{number}.conv", type="Conv2d", parameters=576, macs=9000)
        y = net.add(op.Norm((1,)), [y], net.shape(y), f"body.{number}.norm", type="BatchNorm2d")
        y = net.relu(x, y, layer=f"body.{number}.add")
        x = net.add(op.Pointwise(), [y], net.shape(y), f"body.{number}.relu", type="ReLU")
    x = net.mean(x, 2, 3)
    net.linear(x, 10, layer="head.fc", type="Linear")
    return net.graph()


def flat(blocks: int = 5) -> Graph:
    """Residual blocks after one that projects, in names that know no modules."""
    net = Net(16, 16)
    x = net.conv(net.input, 3, channels=8, layer="stem", type="Conv2D")
    for number in range(blocks):
        skip = x if number else net.conv(x, 1, channels=8, layer="block0_0_conv", type="Conv2D")
        y = net.conv(x, 1, channels=4, layer=f"block{number}_1_conv", type="Conv2D")
        y = net.conv(y, 3, channels=8, layer=f"block{number}_2_conv", type="Conv2D")
        x = net.relu(skip, y, layer=f"block{number}_add")
    return net.graph()


def u_net(levels: int = 3) -> Graph:
    """Encoders, decoders and up-sampling in lists of their own, as they are often written."""
    net = Net(64, 64)
    x, skips = net.input, []
    for level in range(levels):
        x = net.conv(x, 3, layer=f"down.{level}.0")
        x = net.conv(x, 3, layer=f"down.{level}.1")
        skips.append(x)
        x = net.pool(x, 2, layer=f"pool_{level}")
    for level, skip in reversed(list(enumerate(skips))):
        shape = net.shape(x)
        x = net.resample(x, [2 * size for size in shape[2:]], "nearest")
        x = net.concat(1, skip, x, layer=f"cat_{level}")
        x = net.conv(x, 3, channels=2, layer=f"up.{level}.0")
        x = net.conv(x, 3, layer=f"up.{level}.1")
    return net.graph()


def dense(blocks: int = 4) -> Graph:
    """Every block reads all that came before."""
    net = Net(32, 32)
    found = [net.conv(net.input, 3, layer="stem")]
    for number in range(blocks):
        joined = net.concat(1, *found, layer=f"dense.{number}.cat")
        narrow = net.conv(joined, 1, channels=4, layer=f"dense.{number}.conv1")
        found.append(net.conv(narrow, 3, channels=2, layer=f"dense.{number}.conv2"))
    net.concat(1, *found, layer="dense.cat")
    return net.graph()


def parallel(branches: int = 4) -> Graph:
    """Alike branches side by side."""
    net = Net(16, 16)
    ends = []
    for number in range(branches):
        x = net.conv(net.input, 3, layer=f"branch.{number}.0")
        ends.append(net.conv(x, 3, layer=f"branch.{number}.1"))
    net.concat(1, *ends, layer="cat")
    return net.graph()


def chain(length: int, layer: str = "convs.{}") -> Graph:
    """Convolutions one after the other."""
    net = Net(32, 32)
    x = net.input
    for number in range(length):
        x = net.conv(x, 3, layer=layer.format(number), type="Conv2d")
    return net.graph()


def kinds() -> Graph:
    """What labels have to say: dilation, transposition, groups, pooling, attention, a bound."""
    net = Net(24, 36)
    x = net.conv(net.input, (3, 5), (2, 1), layer="wide", type="Conv2d", channels=4)
    x = net.conv(x, 3, dilation=2, groups=2, layer="dilated", type="Conv2d")
    x = net.transposed(x, 2, 2)
    x = net.pool(x, 2, layer="pool")
    x = net.add(op.Sample("grid_sample reads where its grid says"), [x], net.shape(x), "sampled")
    x = net.conv(x, 1, layer="point", type="Conv2d")
    x = net.mean(x, 2, keep=True)
    net.linear(net.mean(x, 2, 3), 5, layer="fc", type="Linear")
    return net.graph()


def two_inputs() -> Graph:
    """Two images of one axis each, joined at the end."""
    net = Net(40, channels=2)
    other = net.add(op.Input((None, None, 0)), (), (1, 2, 40), layer="input_2", kind="input")
    left = net.conv(net.input, 5, layer="left", type="Conv1d")
    right = net.conv(other, 3, layer="right", type="Conv1d")
    net.relu(left, right, layer="add")
    return net.graph()


def volume() -> Graph:
    """Three axes."""
    net = Net(8, 32, 32)
    x = net.conv(net.input, (1, 7, 7), (1, 2, 2), layer="stem", type="Conv3d")
    net.conv(x, 3, layer="body", type="Conv3d")
    return net.graph()


def shared() -> Graph:
    """One layer, called three times."""
    net = Net(32, 32)
    x = net.input
    for call in range(3):
        x = net.conv(x, 3, layer="conv", type="Conv2d", call=call)
        x = net.pool(x, 2, layer=f"pool_{call}")
    return net.graph()


def torn() -> Graph:
    """Two operations under one name, with another layer between them."""
    net = Net(16, 16)
    x = net.conv(net.input, 3, layer="same", type="Conv2d")
    x = net.conv(x, 3, layer="between", type="Conv2d")
    net.conv(x, 3, layer="same", type="Conv2d")
    return net.graph()


def hostile() -> Graph:
    """A layer for every name that a format could stumble over, as name, type and module."""
    net = Net(32, 32)
    x = net.input
    for name in HOSTILE:
        x = net.conv(x, 3, layer=name, type=name)
        x = net.conv(x, 3, layer=f"{name}.{name}", type=name)
        x = net.relu(x, layer=f"{name}.{name}{name}")
    return net.graph()


GRAPHS = {
    "residual": residual(),
    "u-net": u_net(),
    "dense": dense(),
    "kinds": kinds(),
    "two-inputs": two_inputs(),
    "volume": volume(),
    "shared": shared(),
}
