"""What a session knows of models from earlier runs, and keeps for later ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from rfa_core import __version__
from rfa_core.api.plugins import join, plugins_of
from rfa_core.cache.dependencies import Dependencies, united
from rfa_core.cache.folder import Folder
from rfa_core.cache.keys import key_of
from rfa_core.cache.models import Models
from rfa_core.cache.watching import WATCH
from rfa_core.config.settings import Settings
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.load import target_place
from rfa_core.discovery.zoo import is_zoo
from rfa_core.findings import ModelReport

_PLUGINS = "the plugins of "


class Memory:
    """The cache of one session; ``is_on`` says whether there is one, ``problem`` why it cannot be
    written.

    A model without a verdict is not kept: what is missing may be there the next time.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.is_on = settings.cache_dir is not None
        folder = Folder(str(Path(settings.root, settings.cache_dir or "")))
        self._models = Models(folder, settings.root)
        self._plugins = _PLUGINS + settings.root
        self.problem = ""
        self._ready = False

    @property
    def folder(self) -> Folder:
        return self._models.folder

    def plugins(self) -> None:
        """Import the plugins. Raises ConfigurationError."""
        with self._watched(self._plugins):
            plugins_of(self.settings)

    def join(self, modules: Iterable[ModuleType]) -> None:
        """See ``plugins.join``."""
        every = list(modules)
        with self._watched(self._plugins, [str(module.__file__) for module in every]):
            join(self.settings, every)

    def recall(self, target: Target, *facts: object) -> ModelReport | None:
        """The report of a model that did not change; ``facts`` decide it besides its sources."""
        if not self.is_on or target.problem:
            return None
        return self._models.recall(_key(target, facts), drawn=self.settings.draws)

    @contextmanager
    def noting(self, target: Target) -> Iterator[None]:
        """Note what the model is made from."""
        with self._watched(self._reader(target), self._begins_with(target)):
            yield

    def kept(self, target: Target, model: ModelReport, *facts: object) -> ModelReport:
        """``model``, kept for later, without its graph where no report draws it."""
        if not self.is_on:
            return model
        self.prepare(True)
        if self.is_on:
            readers = [self._reader(target), self._plugins]
            self._told(self._models.keep(_key(target, facts), readers, model))
        return model if self.settings.draws else replace(model, graph=None)

    def prepare(self, wanted: bool) -> None:
        """Make the folder, if anything is to be ``wanted`` from it; where that fails there is no
        cache."""
        if wanted and self.is_on and not self._ready:
            why = self.folder.prepare()
            self._told(why)
            self.is_on = self._ready = not why

    def _told(self, why: str) -> None:
        """Remember ``why`` something could not be written, if it could not."""
        if why:
            self.problem = f"{self.folder.path} cannot hold the cache: {why}"

    def tidy(self, wrote: bool) -> None:
        """Keep the cache within bounds, once a run is over that ``wrote`` to it."""
        if wrote and self.is_on:
            self.folder.shrink()

    def dependencies(
        self, models: Iterable[tuple[Target, ModelReport, tuple[object, ...]]]
    ) -> Dependencies | None:
        """All that the reports of some models, each with its ``facts``, depend on; None if that is
        not known of all of them, or plugins may have a word in what a run says."""
        if not self.is_on or plugins_of(self.settings).get_plugins():
            return None
        each = [
            self._models.dependencies(_key(target, facts), _as_kept(model))
            for target, model, facts in models
        ]
        known = [one for one in each if one is not None]
        return united(known, self.settings.root) if len(known) == len(each) else None

    @contextmanager
    def _watched(self, reader: str, files: Iterable[str] = ()) -> Iterator[None]:
        with ExitStack() as stack:
            if self.is_on:
                stack.enter_context(WATCH.on(reader, files))
            yield

    def _reader(self, target: Target) -> str:
        return f"{target.name} in {self.settings.root}"

    def _begins_with(self, target: Target) -> list[str]:
        """The file of the target's module, and those of the packages it is in."""
        if target.kind == "saved":
            return [str(target.file)]
        if target.problem or is_zoo(target.name):
            return []
        home = target_place(target, self.settings.root)
        if not home.file:
            return []
        names = home.module.split(".") if not home.script else []
        folders = Path(home.file).parents[: len(names) - (Path(home.file).stem != "__init__")]
        inits = (folder / "__init__.py" for folder in folders)
        return [home.file, *(str(file) for file in inits if file.is_file())]


def _as_kept(model: ModelReport) -> ModelReport:
    """Without what a session adds: the place of the factory, and the graph to be drawn."""
    return replace(model, file=None, line=None, graph=None)


def _key(target: Target, facts: tuple[object, ...]) -> str:
    return key_of(__version__, target.name, target.framework, target.kind, *facts)
