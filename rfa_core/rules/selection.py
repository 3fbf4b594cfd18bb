"""Which rules are on, by prefixes of their codes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from rfa_core.closest import closest
from rfa_core.errors import UsageError
from rfa_core.rules.base import Rule
from rfa_core.rules.registry import RULES


def select_rules(
    select: Collection[str], ignore: Collection[str] = (), extend_select: Collection[str] = ()
) -> tuple[Rule, ...]:
    """The rules that are on, sorted by code.

    A selector is a code, a prefix of one (``RFA1``) or ``ALL``. The longest selector that
    fits a rule decides; at equal length ``ignore`` wins. Raises UsageError for selectors
    that fit no rule.
    """
    refuse_unknown((*select, *extend_select, *ignore))
    wanted = (*select, *extend_select)
    return tuple(rule for rule in RULES.values() if _longest(wanted, rule) > _longest(ignore, rule))


def without(rules: Sequence[Rule], ignore: Collection[str]) -> tuple[Rule, ...]:
    """``rules`` but for those that any selector of ``ignore`` fits (one factory's own).

    Raises UsageError for selectors that fit no rule.
    """
    refuse_unknown(ignore)
    return tuple(rule for rule in rules if _longest(ignore, rule) < 0)


def unknown_selectors(selectors: Iterable[str]) -> tuple[str, ...]:
    """Those of ``selectors`` that fit no rule."""
    return tuple(
        selector
        for selector in selectors
        if all(_longest([selector], rule) < 0 for rule in RULES.values())
    )


def nearest_rule(text: str) -> str | None:
    """The code or name of a rule that is closest to ``text``; None if none is close."""
    names = {rule.name: rule.name for rule in RULES.values()} | {code: code for code in RULES}
    return closest(text.upper(), RULES) or closest(text.lower(), names)


def refuse_unknown(selectors: Collection[str]) -> None:
    """Raise UsageError, naming all of ``selectors`` that fit no rule."""
    unknown = unknown_selectors(selectors)
    if not unknown:
        return
    nearest = nearest_rule(unknown[0])
    meant = f"did you mean {nearest}? " if nearest else ""
    raise UsageError(
        f"no rule has a code that begins with {', '.join(map(repr, unknown))}",
        f"{meant}The rules are {', '.join(RULES)}; `rfa rule` explains them",
    )


def _longest(selectors: Iterable[str], rule: Rule) -> int:
    """The length of the longest selector that fits ``rule``; -1 if none does."""
    prefixes = ("" if selector == "ALL" else selector for selector in selectors)
    return max((len(prefix) for prefix in prefixes if rule.code.startswith(prefix)), default=-1)
