"""What the demo shows: two networks for images of 224 pixels, and one that is repaired."""

import rfa_core as rfa


def resnet18() -> rfa.Graph:
    """ResNet-18 as torchvision has it."""
    net = rfa.Graph("resnet18", channels=3)
    _conv(net, "conv1", filters=64, kernel=7, stride=2)
    net.max_pool("maxpool", kernel=3, stride=2, padding=1)
    return _stages(net)


def small_stem() -> rfa.Graph:
    """The same with a stem for small images: no stride, no pooling."""
    net = rfa.Graph("small_stem", channels=3)
    _conv(net, "conv1", filters=64, kernel=3)
    return _stages(net)


def unet() -> rfa.Graph:
    """A U-Net of five levels, up-sampling with transposed convolutions."""
    net = rfa.Graph("unet", channels=1)
    last, skips = None, []
    for level in range(5):
        for number in (1, 2):
            name = f"down{level}.conv{number}"
            last = _conv(net, name, *_after(last), filters=32 << level, kernel=3)
        skips.append(last)
        last = net.max_pool(f"down{level}.pool", kernel=2) if level < 4 else last
    for level in reversed(range(4)):
        up = net.transposed_conv(f"up{level}.up", filters=32 << level, kernel=2, stride=2)
        net.concat(f"up{level}.concat", skips[level], up)
        for number in (1, 2):
            _conv(net, f"up{level}.conv{number}", filters=32 << level, kernel=3)
    net.conv("map", filters=2, kernel=1)
    return net


def _stages(net: rfa.Graph) -> rfa.Graph:
    before = _last(net)
    for stage, filters in enumerate((64, 128, 256, 512), 1):
        for block in range(2):
            stride = 2 if stage > 1 and block == 0 else 1
            before = _block(net, f"layer{stage}.{block}", before, filters, stride)
    net.global_pool("avgpool")
    net.dense("fc", units=1000)
    return net


def _last(net: rfa.Graph) -> object:
    return net.activation("relu")


def _block(net: rfa.Graph, name: str, before: object, filters: int, stride: int) -> object:
    _conv(net, f"{name}.conv1", before, filters=filters, kernel=3, stride=stride)
    net.activation(f"{name}.relu1")
    conv = _conv(net, f"{name}.conv2", filters=filters, kernel=3)
    skip = before
    if stride > 1:
        skip = _conv(net, f"{name}.downsample", before, filters=filters, kernel=1, stride=stride)
    net.add(f"{name}.add", conv, skip)
    return net.activation(f"{name}.relu2")


def _conv(net: rfa.Graph, name: str, *before: object, **options: int) -> object:
    net.conv(name, *before, bias=False, **options)
    return net.norm(f"{name}.norm")


def _after(last: object) -> tuple[object, ...]:
    return () if last is None else (last,)
