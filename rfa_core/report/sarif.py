"""``sarif``: SARIF 2.1.0, for code scanning and for viewers in editors.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rfa_core.findings import Finding, Report, Severity
from rfa_core.report.options import RenderOptions
from rfa_core.report.positions import position
from rfa_core.report.texts import dumps, listed, uri
from rfa_core.report.words import clean, flat, model_at
from rfa_core.rules import RULES, Rule
from rfa_core.rules.documentation import section, summary

LONGEST = 1024
"""Characters of a text about a rule."""
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_HOME = "https://github.com/pytest-rfa/pytest-rfa"
_ROOT = "%SRCROOT%"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}


def render(report: Report, options: RenderOptions) -> str:
    """A log of one run, with a rule and a result a line; silenced findings are not in it."""
    rules = listed([_rule(rule) for rule in RULES.values()])
    results = listed([_result(finding, report, options) for finding in report.findings])
    driver = dumps({"name": "rfa", "version": report.version, "informationUri": _HOME})
    run = [
        f'"tool": {{"driver": {driver[:-1]}, "rules": {rules}}}}}',
        f'"invocations": [{dumps(_invocation(report))}]',
        f'"originalUriBaseIds": {dumps({_ROOT: {"description": _text("the repository")}})}',
        '"columnKind": "unicodeCodePoints"',
        f'"results": {results}',
    ]
    head = f'{{"$schema": {dumps(_SCHEMA)}, "version": "2.1.0", "runs": [{{\n'
    return head + ",\n".join(run) + "\n}]}\n"


def _invocation(report: Report) -> object:
    return {"executionSuccessful": report.exit_code in (0, 1), "exitCode": report.exit_code}


def _rule(rule: Rule) -> object:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": _text(f"{summary(rule)}."),
        "fullDescription": _text(section(rule, "What it does")),
        "helpUri": rule.url,
        "help": {"text": _help(rule, "{1}"), "markdown": _help(rule, "[{0}]({1})")},
        "defaultConfiguration": {
            "enabled": rule.on_by_default,
            "level": _LEVELS[rule.severity],
        },
        "properties": {
            "tags": ["receptive-field"],
            "precision": "very-high",
            "problem.severity": _PROBLEMS[rule.severity],
        },
    }


def _help(rule: Rule, link: str) -> str:
    """As many sections as there is room for, and where the others are."""
    more = "More: " + link.format(f"{rule.name} ({rule.code})", rule.url)
    told = ""
    for name in ("Why is this bad?", "Use instead"):
        part = f"{name}\n\n{section(rule, name)}\n\n"
        if len(told) + len(part) + len(more) <= LONGEST:
            told += part
    return told + more


def _result(finding: Finding, report: Report, options: RenderOptions) -> object:
    place = position(finding, report, options)
    region = {"startLine": place.line, "startColumn": place.column, "endLine": place.end_line}
    return {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": _text(_message(finding)),
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri(place.path), "uriBaseId": _ROOT},
                    "region": region,
                },
                "logicalLocations": [{"fullyQualifiedName": flat(finding.model)}],
            }
        ],
        "partialFingerprints": {"rfaFinding/v1": finding.fingerprint},
        "properties": _properties(finding),
    }


def _properties(finding: Finding) -> Mapping[str, object]:
    waste = finding.waste
    return {
        "model": flat(finding.model),
        "resolution": finding.resolution,
        "layers": list(map(flat, finding.layers)),
        "waste": waste and {"parameters": waste.parameters, "macs": waste.macs},
    }


def _message(finding: Finding) -> str:
    model = model_at(finding.model, finding.resolution)
    advice = f"\n{clean(finding.help)}" if finding.help else ""
    return f"{model}: {flat(finding.message)}{advice}"


def _text(text: str) -> dict[str, str]:
    """A message; nothing in it is a link or a placeholder of SARIF's own."""
    return {"text": re.sub(r"\{(\d+)\}", r"{{\1}}", text).replace("](", "] (")}
