"""What a run says of one model: what neither a comment nor the baseline keeps quiet."""

from __future__ import annotations

from dataclasses import replace

from rfa_core.api.reporting import Outcome
from rfa_core.api.silencing import Said
from rfa_core.baseline.values import Baseline, Scope
from rfa_core.findings import Concern
from rfa_core.ignores.matching import Ignores


def outcome_of(said: Said, ignores: Ignores, baseline: Baseline, scope: Scope) -> Outcome:
    """Comments are heard first: what they silence need not be accepted."""
    left, suppressed = said.without(ignores.silent)
    acceptable = {rule.code for rule in said.rules if rule.can_be_accepted}

    def lasting(concern: Concern) -> Concern:
        return replace(concern, model=scope.model)

    def is_accepted(concern: Concern) -> bool:
        return concern.rule in acceptable and lasting(concern) in baseline

    shown, baselined = left.without(is_accepted)
    found, ran = said.judged
    concerns = dict.fromkeys(lasting(one) for one in left.concerns if one.rule in acceptable)
    return Outcome(
        said.subject.model,
        shown.findings,
        suppressed=suppressed,
        baselined=baselined,
        uses=ignores.uses(found, ran),
        scope=scope,
        concerns=tuple(concerns),
        fixed=tuple(one for one in baseline if scope.holds(one) and one not in concerns),
    )
