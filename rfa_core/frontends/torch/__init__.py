"""PyTorch: one forward pass under a dispatch mode, on the meta device."""

from __future__ import annotations

from rfa_core.frontends.torch.inputs import guess_inputs, sizes_named_by
from rfa_core.frontends.torch.trace import trace
from rfa_core.frontends.torch.wrappers import title


class TorchFrontend:
    """Reads ``torch.nn.Module``."""

    name = "torch"
    title = staticmethod(title)
    guess_inputs = staticmethod(guess_inputs)
    sizes_named_by = staticmethod(sizes_named_by)
    trace = staticmethod(trace)


FRONTEND = TorchFrontend()
