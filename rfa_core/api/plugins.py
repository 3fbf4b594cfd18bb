"""Plugins: imported when a run first needs to read a model, once in a process."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from pathlib import Path

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

_loaded: set[tuple[str, str]] = set()


def load_plugins(settings: Settings) -> None:
    """Import the plugins that are installed and those of ``settings``, and call their hooks.

    Raises ConfigurationError for one that cannot be imported, or whose hooks do not fit.
    """
    manager = pluggy.PluginManager("rfa")
    manager.add_hookspecs(hookspecs)
    for entry in entry_points(group=GROUP):
        source = f"the entry point {entry.name!r} of the group {GROUP!r}"
        _once(manager, entry.value, "", entry.load, source)
    for name in settings.plugins:
        source = f"plugins of {Path(settings.source or 'the settings').name}"
        _once(manager, name, settings.root, _importer(name, settings.root), source)


def _once(
    manager: pluggy.PluginManager, name: str, root: str, load: Callable[[], object], source: str
) -> None:
    if (name, root) in _loaded:
        return
    try:
        module = load()
        manager.register(module, name)
        manager.check_pending()
        manager.subset_hook_caller("rfa_register", _others(manager, module))(registry=Registry())
    except KeyboardInterrupt:
        raise
    except RfaError as error:
        raise ConfigurationError(f"{source}: {name}: {error.message}", error.hint) from error
    except BaseException as error:
        raise _failure(source, name, root, error) from error
    _loaded.add((name, root))


def _others(manager: pluggy.PluginManager, module: object) -> Iterable[object]:
    return [plugin for plugin in manager.get_plugins() if plugin is not module]


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
