"""What is different between two reports, model by model and layer by layer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rfa_core.comparing.snapshot import Known, Snapshot, State
from rfa_core.findings import Concern, Severity


@dataclass(frozen=True, slots=True)
class Told:
    """What one report says of a layer and the other does not, or says of another place."""

    concern: Concern
    known: Known
    before: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One model at one resolution, before and after; None: that report does not have it."""

    model: str
    resolution: tuple[int, ...]
    before: State | None
    after: State | None

    @property
    def grown(self) -> tuple[str, ...]:
        """The judged layers of both whose largest footprint is another one, in their order."""
        if self.before is None or self.after is None:
            return ()
        known = self.before.fields
        fields = self.after.fields
        return tuple(name for name in fields if name in known and known[name] != fields[name])


@dataclass(frozen=True, slots=True)
class Difference:
    """``fixed`` is what the later report checked and does not say any more, ``gone`` what it did
    not check; ``changes`` are the models that are not what they were."""

    new: tuple[Told, ...]
    fixed: tuple[Told, ...]
    moved: tuple[Told, ...]
    gone: tuple[Told, ...]
    unchanged: int
    changes: tuple[Change, ...]

    def is_worse(self, fail_on: str) -> bool:
        """Whether something new matters as much as ``fail_on`` (``never``: nothing does)."""
        if fail_on == "never":
            return False
        return any(told.known.severity.rank <= Severity(fail_on).rank for told in self.new)


def compared(old: Snapshot, new: Snapshot) -> Difference:
    """What became of ``old``. Findings are the same if rule, model, resolution and layer are."""
    missing = {concern for concern in old.findings if concern not in new.findings}
    gone = {concern for concern in missing if not _was_checked(concern, new)}
    both = [concern for concern in new.findings if concern in old.findings]
    moved = [one for one in both if old.findings[one].place != new.findings[one].place]
    return Difference(
        new=_told((one for one in new.findings if one not in old.findings), new),
        fixed=_told(missing - gone, old),
        moved=tuple(
            Told(one, new.findings[one], old.findings[one].place) for one in _ordered(moved)
        ),
        gone=_told(gone, old),
        unchanged=len(both) - len(moved),
        changes=tuple(_changes(old, new)),
    )


def _was_checked(concern: Concern, report: Snapshot) -> bool:
    """Whether the report looked at what ``concern`` is about: a model without a verdict was not."""
    if report.models.get(concern.model) != "analysed":
        return False
    return concern.resolution is None or (concern.model, concern.resolution) in report.states


def _told(concerns: Iterable[Concern], report: Snapshot) -> tuple[Told, ...]:
    return tuple(Told(concern, report.findings[concern]) for concern in _ordered(concerns))


def _ordered(concerns: Iterable[Concern]) -> list[Concern]:
    return sorted(concerns, key=lambda concern: concern.order)


def _changes(old: Snapshot, new: Snapshot) -> Iterable[Change]:
    for model, resolution in dict.fromkeys((*old.states, *new.states)):
        key = model, resolution
        before, after = old.states.get(key), new.states.get(key)
        if before != after:
            yield Change(model, resolution, before, after)
