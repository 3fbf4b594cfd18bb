"""Sizes of images among the arguments that discovery chose: those of the resolution looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rfa_core.discovery.arguments import IMAGE_SIZE
from rfa_core.discovery.candidates import Target
from rfa_core.receptive.resolution import Resolution


def sized(target: Target, configured: Iterable[str], resolution: Resolution) -> Target:
    """``target`` with the sizes of images that nobody stated as large as ``resolution``.

    Neither ``configured`` arguments nor those of a mark change. A number stays one, and a list of
    numbers as long as it is: ``target`` itself is returned where ``resolution`` cannot be written
    so, or where it is as large already.
    """
    chosen = target.arguments.keys() - set(configured) - target.stated
    found = {
        name: _as(target.arguments[name], resolution.sizes)
        for name in chosen
        if IMAGE_SIZE.fullmatch(name)
    }
    arguments = {**target.arguments, **found}
    return target if arguments == target.arguments else replace(target, arguments=arguments)


def size_of(target: Target) -> str:
    """The name of the argument of ``target`` that is a size of images; empty if there is none."""
    return next(filter(IMAGE_SIZE.fullmatch, target.arguments), "")


def _as(known: object, sizes: tuple[int, ...]) -> object:
    """``sizes`` in the form of ``known``, or ``known`` itself."""
    if isinstance(known, int) and len(set(sizes)) == 1:
        return sizes[0]
    if isinstance(known, (tuple, list)) and len(sizes) in (1, len(known)):
        return type(known)(sizes * len(known) if len(sizes) == 1 else sizes)
    return known
