"""The hooks that plugins implement.

A plugin is a module. It is named in the configuration, ``plugins = ["acme.rfa_plugin"]``, or, by
a distribution that brings one, as an entry point of the group ``rfa``::

    [project.entry-points.rfa]
    acme = "acme.rfa_plugin"

Under pytest, the project's ``conftest.py`` files are plugins, too. Arguments that a hook does
not need may be left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from rfa_core.config.settings import Settings
from rfa_core.discovery.candidates import Target
from rfa_core.findings import Finding, ModelReport, Severity
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


@hookspec
def rfa_modify_targets(targets: list[Target], settings: Settings) -> None:
    """Change, in place, which models a run is about: those that were found, configured or named.

    Nothing of them is imported yet. ``rfa list``, which imports nothing at all, does not ask.

    ::

        import rfa_core as rfa

        @rfa.hookimpl
        def rfa_modify_targets(targets):
            targets[:] = [one for one in targets if "legacy" not in one.name]
            targets.append(rfa.Target("acme.models:resnet", arguments={"depth": 50}))
    """


@hookspec(firstresult=True)
def rfa_severity(finding: Finding) -> Severity | str | None:
    """Say how much one finding matters: ``error``, ``warning`` or ``info``; None: as it is.

    Of several plugins the first one that says something counts.

    ::

        import rfa_core as rfa

        @rfa.hookimpl
        def rfa_severity(finding):
            if finding.code == "RFA101" and finding.waste and finding.waste.parameters < 0.01:
                return "warning"
    """


@hookspec
def rfa_analysed(model: ModelReport, findings: Sequence[Finding]) -> None:
    """See what a run says of one model, once it is judged: also where there is no verdict.

    It is called in the process that judged the model, which with several workers is not the
    one that writes the reports.

    ::

        import rfa_core as rfa

        @rfa.hookimpl
        def rfa_analysed(model, findings):
            for at in model.resolutions:
                print(model.name, at.resolution, at.waste.parameters, len(findings))
    """
