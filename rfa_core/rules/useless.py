"""What is wrong with the comments that silence nothing, over all models of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rfa_core.graph.model import Location
from rfa_core.ignores.comments import ALONE, NO_CODES, NOT_CLOSED, Ignore
from rfa_core.ignores.matching import Met, Use
from rfa_core.rules.base import Useless
from rfa_core.rules.registry import RULES
from rfa_core.rules.selection import nearest_rule
from rfa_core.rules.unused_ignore import UnusedIgnore
from rfa_core.rules.wording import enumerate_words

_OWN = UnusedIgnore.code
_SHAPE = "write which rule and why: # rfa: ignore[RFA101] reason"
_ADVICE = {
    NO_CODES: _SHAPE,
    NOT_CLOSED: _SHAPE,
    ALONE: "put it on a line that builds or calls the layer, or on the def or class line",
}


def useless(uses: Iterable[Use]) -> dict[Met, Useless]:
    """The comments that no model of a run needs, in order of their files and lines.

    A comment is left alone if RFA910 was not run, or is one of its codes and has something to
    silence.
    """
    ran: dict[Met, frozenset[str]] = {}
    silenced: dict[Met, frozenset[str]] = {}
    for use in uses:
        ran[use.met] = ran.get(use.met, frozenset()) | use.ran
        silenced[use.met] = silenced.get(use.met, frozenset()) | use.silenced
    ordered = sorted(ran, key=lambda met: (met.file, met.ignore.line, met.ignore.column))
    judged = {met: _judged(met, ran[met], silenced[met]) for met in ordered if _OWN in ran[met]}
    return {met: one for met, one in judged.items() if one is not None}


def _judged(met: Met, ran: frozenset[str], silenced: frozenset[str]) -> Useless | None:
    ignore = met.ignore
    place = Location(met.file, ignore.line, ignore.column)
    if ignore.problem:
        return Useless(place, ignore.text, ignore.problem, _ADVICE[ignore.problem])
    others = [code for code in dict.fromkeys(ignore.codes) if code != _OWN]
    wrong = [why for code in others if (why := _strange(code))]
    idle = [code for code in others if code in ran and code not in silenced]
    if _OWN in ignore.codes:
        if wrong or idle:
            return None
        idle = [_OWN]
    reasons = [*_idle(ignore, idle), *wrong, *_repeated(ignore)]
    if not reasons:
        return None
    advice = "take out what is not needed" if silenced else "remove the comment"
    return Useless(place, ignore.text, "; ".join(reasons), _SHAPE if wrong else advice)


def _idle(ignore: Ignore, codes: list[str]) -> Iterator[str]:
    if codes:
        verb = "has" if len(codes) == 1 else "have"
        where = "what is defined here" if ignore.heads else "what is built or called here"
        yield f"{enumerate_words(codes)} {verb} nothing to say about {where}"


def _repeated(ignore: Ignore) -> Iterator[str]:
    for code in dict.fromkeys(ignore.codes):
        if ignore.codes.count(code) > 1:
            yield f"{code} stands in it {ignore.codes.count(code)} times"


def _strange(code: str) -> str:
    """What is wrong with a code that is none; empty if it is one."""
    if code in RULES:
        return ""
    several = [known for known in RULES if known.startswith(code)]
    if several:
        return f"{code} is no code, name each rule: {', '.join(several)}"
    near = nearest_rule(code)
    named = {rule.name: rule.code for rule in RULES.values()}
    return f"there is no rule {code}" + (f", did you mean {named.get(near, near)}?" if near else "")
