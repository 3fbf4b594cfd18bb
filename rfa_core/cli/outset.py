"""What reading a project says of how it is to be checked for the first time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rfa_core.api import Session
from rfa_core.config.initial import Sizes
from rfa_core.config.load import load_settings
from rfa_core.config.settings import Settings
from rfa_core.config.sources import find_file
from rfa_core.config.written import plain
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.clues import Clues, clues
from rfa_core.discovery.zoo import ZOOS, is_zoo
from rfa_core.receptive.resolution import parse_resolution

_SIZE_ARGUMENTS = ("image_size", "img_size", "input_size", "resolution")


@dataclass(frozen=True, slots=True)
class Outset:
    """``file`` is the configuration that is there, ``sizes`` what models could be judged at.

    ``imported`` are the top names of what files import; ``lacks_resolution``: a model has none
    after all that is known.
    """

    file: Path | None
    targets: Sequence[Target]
    sizes: Sizes
    imported: frozenset[str]
    lacks_resolution: bool


def outset(root: Path, given: Sequence[str]) -> Outset:
    """Read the project in ``root``; ``given`` are resolutions that its user knows.

    Raises ConfigurationError for a configuration with mistakes, TargetError for one whose
    factories mean nothing, ResolutionError.
    """
    found = find_file(root)
    file = found.path if found and found.path and found.path.parent == root else None
    settings = load_settings(root) if file else Settings(root=str(root))
    session = Session(settings)
    targets = [*_of_zoos(settings), *_of_the_project(settings)]
    unresolved = [target for target in targets if not session.resolutions(target)]
    read = clues(str(root))
    if given:
        sizes = Sizes([plain(parse_resolution(each)) for each in given], settled=True)
    else:
        sizes = _sizes(targets, read, settles=bool(unresolved) and file is None)
    lacks = bool(unresolved) and (file is not None or not sizes.settled)
    return Outset(file, targets, sizes, read.imported, lacks)


def _of_zoos(settings: Settings) -> Iterator[Target]:
    """The models of zoos that are configured; the zoos may not be installed here."""
    for name in (entry.target for entry in settings.factories):
        if is_zoo(name):
            yield Target(name, framework=ZOOS[name.partition(":")[0]], kind="zoo")


def _of_the_project(settings: Settings) -> Sequence[Target]:
    own = tuple(entry for entry in settings.factories if not is_zoo(entry.target))
    if settings.factories and not own and not settings.paths:
        return ()
    return Session(replace(settings, factories=own)).found().targets


def _sizes(targets: Sequence[Target], read: Clues, *, settles: bool) -> Sizes:
    called = {target.arguments.get(name) for target in targets for name in _SIZE_ARGUMENTS}
    stated = sorted(size for size in called if type(size) is int and size > 0)
    clue = read.certain if settles else None
    if clue is not None and set(stated) <= {clue.size}:
        return Sizes([clue.size], settled=True, why=f"{clue.call} in {clue.place}")
    return Sizes(stated or list(read.possible))
