"""From a finding back to what it is about."""

from __future__ import annotations

from rfa_core.findings import Finding, JudgedLayer, Report


class Lookup:
    """The layers and line of every finding of a report."""

    def __init__(self, report: Report) -> None:
        self._layers: dict[tuple[str, tuple[int, ...] | None], dict[str, JudgedLayer]] = {}
        for model in report.models:
            for at in model.resolutions:
                layers = {judged.layer.name: judged for judged in at.layers}
                self._layers[model.name, at.resolution] = layers
                self._layers.setdefault((model.name, None), layers)

    def layers(self, finding: Finding) -> list[JudgedLayer]:
        """Those layers of the finding that the report knows, in the finding's order."""
        known = self._layers.get((finding.model, finding.resolution), {})
        return [known[name] for name in finding.layers if name in known]
