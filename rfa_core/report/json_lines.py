"""``json-lines``: a finding a line, each as in the ``findings`` of ``json``."""

from __future__ import annotations

from rfa_core.findings import Report
from rfa_core.report.json_report import finding_object
from rfa_core.report.options import RenderOptions
from rfa_core.report.texts import dumps


def render(report: Report, options: RenderOptions) -> str:
    """JSON Lines, in ASCII; nothing if nothing was found."""
    del options
    return "".join(f"{dumps(finding_object(finding))}\n" for finding in report.findings)
