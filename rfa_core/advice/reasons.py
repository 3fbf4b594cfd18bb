"""Why a search found nothing, or nothing that repairs all: in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from rfa_core.advice.advising import Advice, Tally
from rfa_core.advice.changes import UnfitError
from rfa_core.rules.wording import count

NOTHING = "no layer is unproductive: there is nothing to repair"
_UNTRIED = {
    "both": "no edit that drops layers goes with one that changes a stride",
    "performance": "no layer has a stride, a pooling, a dilation or a large stem kernel that could "
    "be changed",
    "efficiency": "there are no blocks or layers from the border on that could be dropped",
}


def why(advice: Advice) -> str:
    """Why there is no proposal, or none that repairs all; empty if there is one."""
    if not advice.before.unproductive:
        return NOTHING
    return _remaining(one.proposal.after.unproductive for one in advice.found) or (
        "" if advice.found else "no combination of edits leaves fewer layers unproductive"
    )


def why_of(advice: Advice, tally: Tally) -> str:
    """The same of one goal."""
    own = [one.proposal for one in advice.found if one.proposal.goal == tally.goal]
    if own:
        return _remaining(proposal.after.unproductive for proposal in own)
    if not tally.tried:
        return _UNTRIED[tally.goal]
    parts = [*_refusals(tally.refused)]
    if tally.unkept:
        parts.append(f"{tally.unkept} did not make of the module what was predicted")
    left = tally.tried - len(tally.refused) - tally.unkept
    if left:
        leave = "leaves" if left == 1 else "leave"
        parts.append(f"{left} {leave} as many layers unproductive")
    return f"of {count(tally.tried, 'combination')} of edits, {', '.join(parts)}"


def _remaining(left: Iterable[int]) -> str:
    least = min(left, default=0)
    return (
        f"no combination of edits leaves fewer than {count(least, 'unproductive layer')}"
        if least
        else ""
    )


def _refusals(refused: Iterable[UnfitError]) -> Iterable[str]:
    """How many there are of each consequence, and the usual reason."""
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for error in refused:
        reasons[error.consequence][str(error)] += 1
    for consequence, own in sorted(reasons.items()):
        ((usual, _),) = own.most_common(1)
        yield f"{own.total()} {consequence} ({usual})"
