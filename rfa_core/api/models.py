"""The models of one run: found, built once, and looked at from every side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path

from rfa_core.agreement import Verification
from rfa_core.api.explaining import explained
from rfa_core.api.pictures import view_of_first
from rfa_core.api.plugins import asked, plugins_of
from rfa_core.api.remembering import Memory
from rfa_core.api.reporting import (
    failed_model,
    internal_error,
)
from rfa_core.config.settings import FactorySettings, Settings
from rfa_core.discovery.build import Built, build
from rfa_core.discovery.candidates import Listing, Target
from rfa_core.discovery.guard import contained
from rfa_core.discovery.load import load
from rfa_core.discovery.scan import scan
from rfa_core.discovery.sizing import size_of, sized
from rfa_core.discovery.targets import resolve
from rfa_core.drawing import View
from rfa_core.errors import (
    BuildError,
    ResolutionError,
    RfaError,
    TargetError,
    TraceError,
)
from rfa_core.examination import Examination, examine, first_running
from rfa_core.findings import Explanation, ModelReport
from rfa_core.frontends import frontend_of, input_spec, open_file
from rfa_core.proposals import GOALS, Suggestions
from rfa_core.ranging import examine_range
from rfa_core.receptive.resolution import Resolution
from rfa_core.rules import Rule, select_rules
from rfa_core.suggesting import suggest_for
from rfa_core.verification import verify_model

Progress = Callable[[int, int, str], None]
_CORRECT = "correct the name; `rfa list FOLDER` says which models are in a folder"


class Models:
    """What names mean, and looks at one model: what is built, is built once.

    A model is kept for as long as it is asked for again and again.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._last: tuple[Target, Built] | None = None
        self.memory = Memory(settings)

    def plan(self, names: Sequence[str] = ()) -> Listing:
        """What ``found`` says, with what plugins add to the targets and take from them."""
        listing = self.found(names)
        targets = list(listing.targets)
        asked(self.settings, "rfa_modify_targets", targets=targets, settings=self.settings)
        return replace(listing, targets=tuple(targets))

    def found(self, names: Sequence[str] = ()) -> Listing:
        """The targets that ``names`` mean (``[tool.rfa]``'s, or all of the project, if empty).

        Nothing is imported. A name that means nothing becomes a target with a ``problem``;
        TargetError is raised if none of ``names`` means anything.
        """
        root, exclude = self.settings.root, self.settings.exclude
        if names:
            return resolve(names, root, exclude, str(Path.cwd()))
        configured = [entry.target for entry in self.settings.factories]
        listing = resolve(configured, root, exclude) if configured else Listing(())
        if configured and not self.settings.paths:
            return listing
        found = scan(self.settings.paths or ["."], root, exclude)
        known = {target.name for target in listing.targets}
        new = tuple(target for target in found.targets if target.name not in known)
        left_alone = (*listing.left_alone, *found.left_alone)
        return Listing((*listing.targets, *new), left_alone, found.broken)

    def resolutions(self, target: Target) -> tuple[Resolution, ...]:
        """What ``target`` is checked at: its own resolutions, else those of the settings.

        Its own are those of its entry in ``factories``, else those it is marked with.
        """
        marked = target.resolutions if self.settings.marks else ()
        return self._entry(target).resolutions or marked or self.settings.resolutions

    def swept(
        self,
        target: Target,
        resolutions: Sequence[Resolution],
        object_size: Resolution | None = None,
    ) -> list[ModelReport]:
        """One model at each of ``resolutions``, every one as if it were the only one.

        The model is built once, unless it is told how large images are. Failures are reports, too;
        see ``examine`` for ``object_size``.
        """
        plugins_of(self.settings)
        try:
            with self._contained(target):
                _, guesses = self._guesses(target)
        except Exception as error:
            return [_failure(target, error)] * len(resolutions)

        def at(resolution: Resolution) -> ModelReport:
            try:
                with self._contained(target):
                    follows = self._sized(target, resolution) is not target
                    found = self._guesses(target, resolution)[1] if follows else guesses
                    return examine(first_running(found, [resolution]), [resolution], object_size)
            except Exception as error:
                return _failure(target, error)

        return [at(resolution) for resolution in resolutions]

    def verify(
        self,
        target: Target,
        resolution: Resolution | None = None,
        every: bool = False,
        progress: Progress | None = None,
    ) -> Verification:
        """Build one model and hold its analysis to the NaN oracle; never raises.

        The arguments are those of ``verify_model``.
        """
        plugins_of(self.settings)
        try:
            with self._contained(target):
                _, guesses = self._guesses(target, resolution)
                return verify_model(guesses, resolution, every, progress)
        except RfaError as error:
            return Verification(target.name, error=error.message)
        except Exception as error:
            return Verification(target.name, error=internal_error(target, error).message)

    def suggest(
        self, target: Target, resolution: Resolution, goals: Sequence[str] = GOALS
    ) -> Suggestions:
        """What could be changed about one model; see ``suggest_for``.

        Raises RfaError if the model cannot be built or traced.
        """
        plugins_of(self.settings)
        with self._contained(target):
            _, guesses = self._guesses(target, resolution)
            return suggest_for(first_running(guesses, [resolution]), resolution, goals)

    def view(
        self,
        target: Target,
        resolution: Resolution,
        *,
        raw: bool = False,
        depth: int | None = None,
    ) -> View:
        """What is drawn of one model at ``resolution``; see ``visualize_architecture``.

        Raises RfaError if the model cannot be built or traced.
        """
        plugins_of(self.settings)
        with self._contained(target):
            _, guesses = self._guesses(target, resolution)
            return view_of_first(guesses, resolution, raw=raw, depth=depth)

    def explain(self, target: Target, resolution: Resolution, layer: str) -> Explanation:
        """Where the footprint of ``layer`` comes from. Raises RfaError, as ``view`` does."""
        plugins_of(self.settings)
        with self._contained(target):
            _, guesses = self._guesses(target, resolution)
            return explained(guesses, resolution, layer)

    def _contained(self, target: Target) -> AbstractContextManager[None]:
        return contained(target.name, self.settings.root)

    def _examined(self, target: Target, resolutions: Sequence[Resolution]) -> ModelReport:
        if all(self._sized(target, resolution) is target for resolution in resolutions):
            return self._examined_at(resolutions, self._guesses(target))
        models = [self._examined_at([one], self._guesses(target, one)) for one in resolutions]
        seen = {at.resolution: at for model in models for at in model.resolutions}
        notes = (f"{size_of(target)} follows the resolution", *models[0].notes)
        return replace(models[0], resolutions=tuple(seen.values()), notes=notes)

    def _examined_at(
        self, resolutions: Sequence[Resolution], found: tuple[Built, list[Examination]]
    ) -> ModelReport:
        built, guesses = found
        chosen = first_running(guesses, resolutions)
        model = examine(chosen, resolutions) if resolutions else examine_range(chosen)
        return replace(model, notes=(*built.notes, *model.notes))

    def _sized(self, target: Target, resolution: Resolution) -> Target:
        return sized(target, self._entry(target).kwargs, resolution)

    def _guesses(
        self, target: Target, resolution: Resolution | None = None
    ) -> tuple[Built, list[Examination]]:
        """The model, and what it may want to be fed; with images of ``resolution``, if its factory
        is told how large they are and makes a model that runs on them."""
        own = self._sized(target, resolution) if resolution else target
        if resolution and own is not target:
            with suppress(BuildError, TraceError, ResolutionError):
                built, guesses = self._fed(own)
                chosen = first_running(guesses, [resolution])
                chosen.trace(resolution.for_axes(chosen.spec.count))
                return built, [chosen]
        return self._fed(target)

    def _fed(self, target: Target) -> tuple[Built, list[Examination]]:
        if target.problem:
            is_name = target.kind == "unknown"
            raise TargetError(target.problem, _CORRECT if is_name else "")
        built = self._built(target)
        frontend = frontend_of(built.model)
        shape = self._entry(target).input_shape
        given = "input-shape of the configuration"
        specs = frontend.guess_inputs(built.model, input_spec(shape, given) if shape else None)
        return built, [
            Examination(
                frontend,
                built.model,
                spec,
                target.name,
                built.constructed,
                self.settings.root,
                self.settings.policy,
                self._reads_structure(),
                self.settings.draws or self.memory.is_on,
            )
            for spec in specs
        ]

    def _built(self, target: Target) -> Built:
        if self._last is None or self._last[0] != target:
            self._last = None
            self._last = target, self._made(target)
        return self._last[1]

    def _made(self, target: Target) -> Built:
        if target.kind == "saved":
            framework, file = target.framework or "", target.file or ""
            return Built(open_file(framework, file), framework)
        factory = load(target, self.settings.root)
        return build(factory, target, self._entry(target).kwargs, self.settings.root)

    def _entry(self, target: Target) -> FactorySettings:
        entries = [entry for entry in self.settings.factories if entry.target == target.name]
        return entries[0] if entries else FactorySettings(target.name)

    def _reads_structure(self) -> bool:
        return any(rule.reads_structure for rule in self._rules())

    def _rules(self) -> tuple[Rule, ...]:
        settings = self.settings
        return select_rules(settings.select, settings.ignore, settings.extend_select)


def _failure(target: Target, error: Exception) -> ModelReport:
    known = error if isinstance(error, RfaError) else internal_error(target, error)
    return failed_model(target, known)
