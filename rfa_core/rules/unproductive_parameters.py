"""RFA105."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rfa_core.findings import Finding, Severity
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.base import Rule, Subject, share_of
from rfa_core.rules.wording import count, percent, pixels


class UnproductiveParameters(Rule):
    """## What it does

    Compares the share of the model's parameters that sit in unproductive layers with a
    budget. It is off unless `max-unproductive-parameters` is set.

    ## Why is this bad?

    A budget is a promise: this much dead weight is tolerated and no more. It lets a project
    live with a border layer here and there (ignore RFA101) and still fail the change that
    makes the model mostly waste.

    ## Example

    ```toml
    [tool.rfa]
    resolutions = [32]
    max-unproductive-parameters = 0.05
    ```

    In a ResNet-18 at 32 px three layers are unproductive, with 5,308,416 of 11,689,512
    parameters: 45 %, where 5 % are allowed.

    ## Use instead

    Mend the layers that RFA101 names, or raise the budget to what the project accepts.

    ## References

    - Richter, Schöning, Wiedenroth and Krumnack: *Should You Go Deeper? Optimizing
      Convolutional Neural Network Architectures without Training*, ICMLA 2021.
    """

    code: ClassVar[str] = "RFA105"
    name: ClassVar[str] = "unproductive-parameters"
    severity: ClassVar[Severity] = Severity.ERROR

    def check(self, subject: Subject) -> Iterator[Finding]:
        for at in subject.model.resolutions:
            wasted = at.with_verdict(Verdict.UNPRODUCTIVE)
            counted = self.audible(subject, wasted, at.resolution)
            waste = share_of(counted, subject.model.parameters, at.macs)
            if subject.budget is None or waste.parameters <= subject.budget:
                continue
            names = [judged.layer.name for judged in counted]
            yield self.finding(
                subject,
                f"{percent(waste.parameters)} of the parameters sit in "
                f"{count(len(names), 'unproductive layer')} at {pixels(at.resolution)} px; "
                f"the budget allows {percent(subject.budget)}",
                "mend the layers that RFA101 names, or raise max-unproductive-parameters",
                resolution=at.resolution,
                layers=names,
                waste=waste,
            )
