"""``junit``: one test case per model and resolution.

The format has no official schema; this is what Jenkins takes, which is stricter than most:
https://github.com/jenkinsci/xunit-plugin (``junit-10.xsd``).
"""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree

from junit_xml import TestCase, TestSuite

from rfa_core.findings import Finding, ModelReport, Report, Severity
from rfa_core.report.blocks import Blocks
from rfa_core.report.options import RenderOptions
from rfa_core.report.words import clean, flat
from rfa_core.rules.wording import count, pixels


def render(report: Report, options: RenderOptions) -> str:
    """JUnit XML: findings at error level fail a case, a model without a verdict is an error."""
    del options
    blocks = Blocks(report, RenderOptions())
    names: Counter[str] = Counter()
    cases = [
        _case(_unique(names, _name(model, resolution)), model, resolution, report, blocks)
        for model in report.models
        for resolution in _resolutions(model)
    ]
    suite: ElementTree.Element = TestSuite("rfa", cases).build_xml_doc()
    del suite.attrib["disabled"]
    counts = {name: suite.attrib[name] for name in ("tests", "failures", "errors", "time")}
    suites = ElementTree.Element("testsuites", counts)
    suites.append(suite)
    ElementTree.indent(suites)
    text = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _case(
    name: str,
    model: ModelReport,
    resolution: tuple[int, ...] | None,
    report: Report,
    blocks: Blocks,
) -> TestCase:
    case = TestCase(name, classname=flat(model.file) if model.file else "rfa")
    findings = [one for one in report.findings if _concerns(one, model, resolution)]
    errors = [one for one in findings if one.severity is Severity.ERROR]
    others = [one for one in findings if one.severity is not Severity.ERROR]
    if model.status != "analysed":
        message = flat(f"{model.status}: {model.error or 'no verdict'}")
        case.add_error_info(message, blocks.text(errors) or clean(model.error or ""))
    elif errors:
        message = f"{count(len(errors), 'error')}: {flat(errors[0].message)}"
        case.add_failure_info(message, blocks.text(errors))
    case.stdout = blocks.text(others) or None
    return case


def _resolutions(model: ModelReport) -> list[tuple[int, ...] | None]:
    return [at.resolution for at in model.resolutions] or [None]


def _concerns(finding: Finding, model: ModelReport, resolution: tuple[int, ...] | None) -> bool:
    return finding.model == model.name and finding.resolution in (None, resolution)


def _name(model: ModelReport, resolution: tuple[int, ...] | None) -> str:
    at = "" if resolution is None else f"@{pixels(resolution)}"
    return f"{flat(model.name)}{at}"


def _unique(names: Counter[str], name: str) -> str:
    names[name] += 1
    return name if names[name] == 1 else f"{name} ({names[name]})"
