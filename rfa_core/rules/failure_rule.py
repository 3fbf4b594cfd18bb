"""The rules that say why a model was not analysed at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rfa_core.findings import Finding, Severity
from rfa_core.rules.base import Rule, Subject


class FailureRule(Rule):
    """A rule about models of one status; the message is the error itself, less the model's name,
    which every report puts before it.

    ``advice`` is for errors that bring no hint of their own.
    """

    status: ClassVar[str]
    advice: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    can_be_accepted: ClassVar[bool] = False

    def check(self, subject: Subject) -> Iterator[Finding]:
        if subject.model.status == self.status:
            model = subject.model
            error = model.error or f"the model is {self.status}"
            message = error.removeprefix(f"{model.name}: ").removeprefix(f"{model.name} ")
            yield self.finding(subject, message, model.hint or self.advice)
