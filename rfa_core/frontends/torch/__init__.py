"""PyTorch: one forward pass under a dispatch mode, on the meta device."""

from __future__ import annotations

from rfa_core.frontends.torch.editing import edited
from rfa_core.frontends.torch.exported import opened
from rfa_core.frontends.torch.inputs import guess_inputs, sizes_named_by
from rfa_core.frontends.torch.oracle import oracle
from rfa_core.frontends.torch.trace import trace, trace_with_values
from rfa_core.frontends.torch.wrappers import title


class TorchFrontend:
    """Reads ``torch.nn.Module`` and exported programs, live or in files."""

    name = "torch"
    title = staticmethod(title)
    guess_inputs = staticmethod(guess_inputs)
    sizes_named_by = staticmethod(sizes_named_by)
    trace = staticmethod(trace)
    trace_with_values = staticmethod(trace_with_values)
    oracle = staticmethod(oracle)
    edited = staticmethod(edited)
    open = staticmethod(opened)


FRONTEND = TorchFrontend()
