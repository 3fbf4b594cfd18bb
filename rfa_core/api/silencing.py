"""What is said of one model once comments in source and the baseline were heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rfa_core.api.reporting import Outcome
from rfa_core.findings import Concern, Finding
from rfa_core.rules import RULES, Rule, Subject, Useless, find, useless
from rfa_core.rules.unused_ignore import UnusedIgnore

Silent = Callable[[Concern], bool]


@dataclass(frozen=True, slots=True)
class Said:
    """All that ``rules`` have to say of a subject."""

    subject: Subject
    rules: Sequence[Rule]
    severity: Mapping[str, str]
    findings: tuple[Finding, ...]

    def without(self, silent: Silent) -> tuple[Said, int]:
        """The same without what is silent, and how many findings that concerns.

        A finding that loses some of its layers is told anew, over the others.
        """
        hushed = sum(any(map(silent, finding.concerns)) for finding in self.findings)
        if not hushed:
            return self, 0
        before = self.subject.silent
        subject = replace(self.subject, silent=lambda concern: before(concern) or silent(concern))
        return say(subject, self.rules, self.severity), hushed

    @property
    def concerns(self) -> tuple[Concern, ...]:
        """What the findings are about, layer by layer."""
        return tuple(concern for one in self.findings for concern in one.concerns)

    @property
    def judged(self) -> tuple[tuple[Concern, ...], frozenset[str]]:
        """What the findings are about, and the rules that had the chance to say something.

        Of a model without a verdict, these are the ones that say why; without a resolution, none.
        """
        model = self.subject.model
        if model.status != "analysed":
            return self.concerns, frozenset(concern.rule for concern in self.concerns)
        codes = (rule.code for rule in self.rules) if model.resolutions else ()
        return self.concerns, frozenset(codes)


def say(subject: Subject, rules: Sequence[Rule], severity: Mapping[str, str]) -> Said:
    """Run ``rules``."""
    return Said(subject, rules, severity, find(subject, rules, severity))


def find_unused_ignores(
    outcomes: Sequence[Outcome], root: str, severity: Mapping[str, str]
) -> tuple[Finding, ...]:
    """What RFA910 says of the comments that none of the models needs.

    A finding names the first model that meets the comment. Files that define a model without a
    verdict are left alone: nobody knows what it needs.
    """
    unknown = {
        str(Path(root, outcome.model.file))
        for outcome in outcomes
        if outcome.model.status != "analysed" and outcome.model.file
    }
    pairs = [(outcome.model, use) for outcome in outcomes for use in outcome.uses]
    known = [(model, use) for model, use in pairs if use.met.file not in unknown]
    first = {use.met: model for model, use in reversed(known)}
    of_model: dict[str, list[Useless]] = {}
    for met, one in useless(use for _, use in known).items():
        of_model.setdefault(first[met].name, []).append(one)
    models = {model.name: model for model in first.values()}
    subjects = (Subject(models[name], root, useless=tuple(of_model[name])) for name in of_model)
    rule = RULES[UnusedIgnore.code]
    found = [finding for subject in subjects for finding in find(subject, [rule], severity)]
    return tuple(sorted(found, key=lambda finding: (finding.file or "", finding.line or 0)))
