"""Networks written by hand, before a line of training code."""

import rfa_core as rfa


def branched() -> rfa.Graph:
    """A small network with two branches and a residual connection."""
    net = rfa.Graph("branched", channels=3)
    stem = net.conv("stem", filters=32, kernel=7, stride=2)
    near = net.conv("near", stem, filters=32, kernel=3)
    far = net.conv("far", stem, filters=32, kernel=3, dilation=4)
    both = net.concat("both", near, far)
    mixed = net.involution("mixed", both, kernel=7)
    net.add("sum", both, mixed)
    net.conv("down", filters=128, kernel=3, stride=2)
    net.global_pool("pool")
    net.dense("head", units=10)
    return net
