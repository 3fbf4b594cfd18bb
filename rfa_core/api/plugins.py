"""Plugins: imported when a run first needs to read a model, once in a process."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from rfa_core import hookspecs
from rfa_core.config.settings import Settings
from rfa_core.discovery.failures import is_missing, summary, user_line, where
from rfa_core.discovery.guard import guarded
from rfa_core.discovery.placing import import_roots
from rfa_core.errors import ConfigurationError, RfaError
from rfa_core.frontends.registering import Registry

GROUP = "rfa"
"""The group of entry points that name plugins."""

_managers: dict[tuple[str, ...], pluggy.PluginManager] = {}
_registered: set[tuple[str, str]] = set()


def plugins_of(settings: Settings) -> pluggy.PluginManager:
    """The plugins that are installed and those of ``settings``, imported when first asked for.

    Raises ConfigurationError for one that cannot be imported, or whose hooks do not fit.
    """
    key = (settings.root if settings.plugins else "", *settings.plugins)
    if key not in _managers:
        manager = pluggy.PluginManager("rfa")
        manager.add_hookspecs(hookspecs)
        for entry in entry_points(group=GROUP):
            source = f"the entry point {entry.name!r} of the group {GROUP!r}"
            _add(manager, entry.value, "", entry.load, source)
        for name in settings.plugins:
            source = f"plugins of {Path(settings.source or 'the settings').name}"
            _add(manager, name, settings.root, _importer(name, settings.root), source)
        _managers[key] = manager
    return _managers[key]


def join(settings: Settings, modules: Iterable[ModuleType]) -> None:
    """Take modules that are imported already, as those of pytest, for plugins, too.

    Raises ConfigurationError for one whose hooks do not fit.
    """
    manager = plugins_of(settings)
    for module in modules:
        file = str(module.__file__)
        _add(manager, file, "", partial(_itself, module), file)


def asked(settings: Settings, hook: str, /, **arguments: object) -> Any:
    """What the plugins answer to ``hook``. Raises ConfigurationError for one that fails."""
    try:
        return getattr(plugins_of(settings).hook, hook)(**arguments)
    except RfaError:
        raise
    except Exception as error:
        place = where(*user_line(error, settings.root), settings.root)
        raise ConfigurationError(
            f"a plugin failed in {hook}: {summary(error)}{place}",
            "mend the hook, or take the plugin out; rfa_core.hookspecs says what hooks are given",
        ) from error


def _itself(module: ModuleType) -> ModuleType:
    return module


def _add(
    manager: pluggy.PluginManager, name: str, root: str, load: Callable[[], object], source: str
) -> None:
    try:
        module = load()
        if manager.is_registered(module):
            return
        manager.register(module, name)
        manager.check_pending()
        if (name, root) not in _registered:
            others = [plugin for plugin in manager.get_plugins() if plugin is not module]
            manager.subset_hook_caller("rfa_register", others)(registry=Registry())
    except KeyboardInterrupt:
        raise
    except RfaError as error:
        raise ConfigurationError(f"{source}: {name}: {error.message}", error.hint) from error
    except BaseException as error:
        raise _failure(source, name, root, error) from error
    _registered.add((name, root))


def _importer(name: str, root: str) -> Callable[[], object]:
    def load() -> object:
        with guarded(import_roots(root), root, name):
            return importlib.import_module(name)

    return load


def _failure(source: str, name: str, root: str, error: BaseException) -> ConfigurationError:
    place = where(*user_line(error, root), root) if root else ""
    missing = is_missing(error)
    hint = f"install {missing}, or " if missing and missing != name.partition(".")[0] else ""
    return ConfigurationError(
        f"{source}: {name} cannot be used: {summary(error)}{place}",
        f"{hint}name a module that can be imported, and that defines hooks of rfa_core.hookspecs",
    )
