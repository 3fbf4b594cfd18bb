"""RFA911."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from rfa_core.findings import Finding, Severity
from rfa_core.rules.base import Rule, Stale, Subject, fingerprint
from rfa_core.rules.wording import count, enumerate_words, pixels


class StaleBaselineEntry(Rule):
    """## What it does

    Finds entries of the baseline whose finding is no longer there. Only what was looked at
    counts: the models, the resolutions and the rules of the run. Where the environment variable
    `CI` is set the entries are reported, as errors. Elsewhere nothing is reported: the run takes
    them out of the file and says so.

    ## Why is this bad?

    A baseline only ever shrinks if what is fixed leaves it. An entry that stays behind accepts
    the same finding again, should it come back.

    ## Example

    ```json
    {
      "version": 1,
      "findings": [
        {"rule": "RFA101", "model": "acme.models:net", "resolution": [64, 64], "layer": "conv9"}
      ]
    }
    ```

    The stem of `net` lost its pooling, `conv9` receives 39 px of 64 and is productive,
    and the file was not committed with the change.

    ## Use instead

    Run `rfa check` or `rfa baseline prune` and commit the file.

    ## References

    - PHPStan: `reportUnmatchedIgnoredErrors`, the same for its baseline.
    - ESLint: bulk suppressions and `--prune-suppressions`.
    """

    code: ClassVar[str] = "RFA911"
    name: ClassVar[str] = "stale-baseline-entry"
    severity: ClassVar[Severity] = Severity.WARNING
    can_be_accepted: ClassVar[bool] = False

    def check(self, subject: Subject) -> Iterator[Finding]:
        for stale in subject.stale:
            first = stale.concerns[0]
            found = self.finding(
                subject,
                f"the baseline accepts what is fixed: {_described(stale)}",
                "run `rfa baseline prune` and commit the file",
                resolution=first.resolution,
                layers=[concern.layer for concern in stale.concerns if concern.layer],
                place=stale.place,
            )
            facts = (first.rule, *found.layers)
            mark = fingerprint(self.code, found.model, found.resolution, facts)
            yield replace(found, fingerprint=mark)


def _described(stale: Stale) -> str:
    first = stale.concerns[0]
    names = [concern.layer for concern in stale.concerns if concern.layer]
    at = f" at {pixels(first.resolution)} px" if first.resolution else ""
    if not names:
        return f"{first.rule}{at}"
    shown = names if len(names) <= 3 else [*names[:2], count(len(names) - 2, "more layer")]
    return f"{first.rule}{at} in {enumerate_words(shown)}"
