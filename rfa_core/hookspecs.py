"""The hooks that plugins implement.

A plugin is a module. It is named in the configuration, ``plugins = ["acme.rfa_plugin"]``, or, by
a distribution that brings one, as an entry point of the group ``rfa``::

    [project.entry-points.rfa]
    acme = "acme.rfa_plugin"
"""

from __future__ import annotations

import pluggy

from rfa_core.frontends.registering import Registry

hookspec = pluggy.HookspecMarker("rfa")
hookimpl = pluggy.HookimplMarker("rfa")


@hookspec
def rfa_register(registry: Registry) -> None:
    """Make layers and operations known, before the first model is read.

    ::

        import rfa_core as rfa

        @rfa.hookimpl
        def rfa_register(registry):
            @registry.layer_type("torch", "acme.ops.Involution")
            def involution(module):
                return rfa.Window(kernel=module.kernel_size, stride=module.stride)

    A plugin that needs nothing else may use ``rfa.layer_type`` and ``rfa.operation`` as
    decorators in its module, and no hook.
    """
