"""The documentation of the rules, made from their docstrings.

``python -m rfa_core.rules.documentation docs/rules`` writes one page per rule and an index.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from pathlib import Path
from typing import Literal

from rfa_core.errors import UsageError
from rfa_core.rules.base import Rule
from rfa_core.rules.registry import RULES
from rfa_core.rules.selection import nearest_rule

Format = Literal["text", "markdown", "json"]


def explain(code: str | None, fmt: Format = "text") -> str:
    """One rule's page (``code`` is a code or a name), or the list of all rules.

    Raises UsageError for an unknown rule, with the nearest one.
    """
    if code is None:
        rules = list(RULES.values())
        return {"text": _text_list, "markdown": _markdown_list, "json": _json_list}[fmt](rules)
    rule = find_rule(code)
    return {"text": _text_page, "markdown": page, "json": _json_page}[fmt](rule)


def find_rule(text: str) -> Rule:
    """The rule of a code or a name, in any case. Raises UsageError with the nearest one."""
    wanted = text.strip().lower()
    for rule in RULES.values():
        if wanted in (rule.code.lower(), rule.name):
            return rule
    nearest = nearest_rule(text)
    hint = f"did you mean {nearest}?" if nearest else f"the rules are {', '.join(RULES)}"
    raise UsageError(f"there is no rule {text!r}", hint)


def pages() -> dict[str, str]:
    """The text of every page below ``docs/rules``, by file name."""
    written = {f"{rule.name}.md": page(rule) for rule in RULES.values()}
    return {**written, "index.md": _markdown_list(list(RULES.values()))}


def write_pages(folder: Path) -> None:
    """Write all pages into ``folder``, which is made if it does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def page(rule: Rule) -> str:
    """The page of one rule, in Markdown."""
    title = f"# {rule.name} ({rule.code})"
    note = "" if rule.on_by_default else f"\n\n{_off(rule)}"
    return f"{title}\n\nDefault severity: **{rule.severity}**{note}\n\n{_docstring(rule)}\n"


def summary(rule: Rule) -> str:
    """The first sentence of what the rule does."""
    body = " ".join(section(rule, "What it does").split())
    sentence = re.split(r"(?<=[.:])\s(?=[^`]*(?:`[^`]*`[^`]*)*$)", body)[0]
    return sentence.rstrip(".:")


def section(rule: Rule, name: str) -> str:
    """What stands below a heading of the rule's page, in Markdown."""
    return _docstring(rule).split(f"## {name}\n", 1)[1].split("\n## ", 1)[0].strip()


def _off(rule: Rule) -> str:
    return f"Off by default: `--extend-select {rule.code}` turns it on."


def _docstring(rule: Rule) -> str:
    return inspect.cleandoc(type(rule).__doc__ or "")


def _text_page(rule: Rule) -> str:
    body = re.sub(r"^## (.+)$", lambda found: found[1].upper(), _docstring(rule), flags=re.M)
    body = re.sub(r"^```(\w*)\n(.*?)^```$", _indented, body, flags=re.M | re.S)
    note = "" if rule.on_by_default else f"\n{_off(rule)}\n".replace("`", "")
    title = f"{rule.code} {rule.name} ({rule.severity} by default)"
    return f"{title}\n{note}\n{body}\n\n{rule.url}\n"


def _indented(found: re.Match[str]) -> str:
    return "\n".join(f"    {line}".rstrip() for line in found[2].splitlines())


def _text_list(rules: list[Rule]) -> str:
    width = max(len(rule.name) for rule in rules)
    lines = [
        f"{rule.code}  {rule.name:{width}}  {_default(rule):12}  {summary(rule)}" for rule in rules
    ]
    return "\n".join(lines) + "\n"


def _markdown_list(rules: list[Rule]) -> str:
    rows = [
        f"| {rule.code} | [{rule.name}]({rule.name}.md) | {_default(rule)} | {summary(rule)} |"
        for rule in rules
    ]
    head = ["# Rules", "", "| code | name | default | what it does |", "|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def _default(rule: Rule) -> str:
    return str(rule.severity) if rule.on_by_default else f"{rule.severity}, off"


def _facts(rule: Rule) -> dict[str, str | bool]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "on_by_default": rule.on_by_default,
        "summary": summary(rule),
        "url": rule.url,
        "explanation": _docstring(rule),
    }


def _json_page(rule: Rule) -> str:
    return json.dumps(_facts(rule), indent=2) + "\n"


def _json_list(rules: list[Rule]) -> str:
    return json.dumps([_facts(rule) for rule in rules], indent=2) + "\n"


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
