"""A layer of our own: a kernel that is computed at every position."""

import rfa_core as rfa


@rfa.layer_type("custom", "involution")
def involution(kernel: int, stride: int = 1) -> rfa.Window:
    return rfa.Window(kernel, stride)


@rfa.layer_type("torch", "Involution")
def involution_module(module):
    return rfa.Window(module.kernel_size, module.stride, padding=module.kernel_size // 2)
