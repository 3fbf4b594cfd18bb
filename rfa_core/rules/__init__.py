"""Rules: a judged model in, findings out.

``find(Subject(model_report, root, budget), select_rules(...), severity)`` is all that a
caller needs; ``documentation`` explains the rules.
"""

from __future__ import annotations

from rfa_core.rules.base import Rule, Stale, Subject, Useless
from rfa_core.rules.blame import own_line
from rfa_core.rules.registry import RULES
from rfa_core.rules.run import find
from rfa_core.rules.selection import nearest_rule, select_rules, unknown_selectors, without
from rfa_core.rules.useless import useless

__all__ = [
    "RULES",
    "Rule",
    "Stale",
    "Subject",
    "Useless",
    "find",
    "nearest_rule",
    "own_line",
    "select_rules",
    "unknown_selectors",
    "useless",
    "without",
]
