"""RFA910."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from rfa_core.findings import Finding, Severity
from rfa_core.rules.base import Rule, Subject


class UnusedIgnore(Rule):
    """## What it does

    Finds comments `# rfa: ignore[…]` that suppress nothing: no rule that was run has anything to
    say about what is built there, in any model that was checked. Says, too, which comments cannot
    suppress anything, because they name no rule, or one that does not exist, or stand on a line
    of their own.

    ## Why is this bad?

    Who reads the comment believes that a layer is wasted and that this was decided on. Neither
    is true any more, and the comment waits for the next layer on its line, which it will hide.

    ## Example

    ```python
    self.stem = nn.Conv2d(3, 64, 3, padding=1)  # rfa: ignore[RFA101] to be measured
    self.body = nn.Conv2d(64, 64, 3, padding=1)  # rfa: ignore
    self.head = nn.Conv2d(64, 10, 1)  # rfa: ignore[RFA1]
    ```

    The first layer of a network sees 1 px of its input and is never past the border; the second
    comment names no rule, the third the beginning of five.

    ## Use instead

    Remove the comment, or the codes that are not needed, and name whole codes:

    ```python
    self.head = nn.Conv2d(64, 10, 1)  # rfa: ignore[RFA101] its weights come from elsewhere
    ```

    Of a block that several models use, the comment is used if any of them needs it: check them
    in one run. A comment that only some runs need says so itself: `ignore[RFA101, RFA910]`.
    With `--shard` a run knows some of the models alone, and this rule is left to runs without it.

    ## References

    - Ruff: rule `unused-noqa` (RUF100), whose habits these comments follow.
    """

    code: ClassVar[str] = "RFA910"
    name: ClassVar[str] = "unused-ignore"
    severity: ClassVar[Severity] = Severity.WARNING
    can_be_accepted: ClassVar[bool] = False

    def check(self, subject: Subject) -> Iterator[Finding]:
        times: Counter[str] = Counter()
        for useless in subject.useless:
            message = f"this ignore suppresses nothing: {useless.why}"
            found = self.finding(subject, message, useless.advice, place=useless.place)
            facts = json.dumps([self.code, found.model, found.file, useless.text])
            times[facts] += 1
            again = f"{facts} {times[facts]}"
            yield replace(found, fingerprint=hashlib.sha256(again.encode()).hexdigest())
