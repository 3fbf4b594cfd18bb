"""For tests of your own: what is asked of a model, and of the analysis itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rfa_core.agreement import Difference as Difference
from rfa_core.agreement import Outcome as Outcome
from rfa_core.agreement import Verification as Verification
from rfa_core.agreement import VerifiedLayer as VerifiedLayer
from rfa_core.api import Analysis, analyse, check_built, verify_built
from rfa_core.closest import closest
from rfa_core.config.load import load_settings
from rfa_core.config.settings import Settings
from rfa_core.findings import Report
from rfa_core.frontends import InputShape as InputShape
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.resolution import Resolution, parse_resolution
from rfa_core.report import RenderOptions, render

Size = int | str | tuple[int, ...]
"""Pixels: ``64``, ``"64x96"``, or one number per axis."""
Res = Size | Sequence[Size]
"""One resolution, or several of them as ``"64,96x128"`` or the list ``[64, "96x128"]``."""
Expected = int | str | Sequence[int | None] | None
"""Sizes in pixels: one for all axes, one per axis, or text as ``"7x5"``; None: no local path."""


def assert_productive(
    model: object,
    res: Res | None = None,
    *,
    ignore: str | Sequence[str] = (),
    input_shape: InputShape | None = None,
    settings: Settings | None = None,
) -> Report:
    """Fail with the findings, as ``rfa check`` shows them, if ``rfa check`` would fail.

    ``model`` is one that is built already, or the path of a saved one. ``res`` is the
    resolution, or a list of several; None: those of the configuration. ``ignore`` are codes of
    rules, or their beginnings, left out besides those of the configuration. ``input_shape``
    names the axes, as ``(1, 3, "H", "W")``, where the first layer does not tell. ``settings``
    stand in place of those found from the current folder on. Returns the report. Raises
    AssertionError; RfaError where there can be no verdict.
    """
    __tracebackhide__ = True
    found = settings or load_settings(Path.cwd())
    left_out = _separated(ignore) if isinstance(ignore, str) else ignore
    chosen = replace(found, ignore=(*found.ignore, *left_out))
    report = check_built(model, _resolutions(res), chosen, input_shape=input_shape)
    if report.exit_code:
        text = render("full", report, RenderOptions(quiet=True))
        codes = ", ".join(sorted({finding.code for finding in report.findings}))
        raise AssertionError(f"{report.models[0].name}: {codes}\n\n{text.rstrip()}")
    return report


def assert_receptive_field(
    model: object,
    expected: Mapping[str, Expected],
    res: int | str | Sequence[int] = 224,
    *,
    input_shape: InputShape | None = None,
) -> Analysis:
    """Fail with a table of what differs if layers do not see what they are expected to.

    ``expected`` are sizes of receptive fields in input pixels, over all local paths, by the name
    of a layer, or of a module, which stands for the layer in it that is run last; one number for
    all axes, one per axis, or text as ``"7x5"``; None where no local path is left. ``res`` is the
    resolution to run at, on which receptive fields hardly ever depend. Returns the analysis.
    Raises AssertionError; RfaError for a model that cannot be analysed, or text that is no size.
    """
    __tracebackhide__ = True
    analysis = analyse(model, res, input_shape=input_shape)
    layers = [judged.layer for judged in analysis.layers]
    rows = [row for name, sizes in expected.items() for row in _differing(layers, name, sizes)]
    if rows:
        table = _aligned([("", "expected", "found"), *rows])
        raise AssertionError(f"receptive fields of {analysis.model.name} differ:\n{table}")
    return analysis


def _differing(
    layers: Sequence[Layer], name: str, expected: Expected
) -> Iterator[tuple[str, str, str]]:
    if isinstance(expected, str):
        given = parse_resolution(expected).sizes
        expected = given[0] if len(given) == 1 else given
    inside = [layer for layer in layers if f"{layer.name}.".startswith(f"{name}.")]
    if not inside:
        nearest = closest(name, _names(layers))
        hint = f", did you mean {nearest}?" if nearest else ""
        yield name, _words(expected), f"no such layer{hint}"
        return
    last = inside[-1]
    sizes = last.largest
    axes = len(sizes)
    wanted = (expected,) * axes if expected is None or isinstance(expected, int) else (*expected,)
    if wanted != sizes:
        at = f" (at {last.name})" if last.name != name else ""
        yield name, _words(expected), f"{_words(sizes)}{at}"


def _names(layers: Sequence[Layer]) -> Iterator[str]:
    """Those of the layers, and of the modules around them."""
    for layer in layers:
        parts = layer.name.split(".")
        yield from (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _words(sizes: int | Sequence[int | None] | None) -> str:
    if sizes is None or isinstance(sizes, int):
        return "none" if sizes is None else str(sizes)
    words = list(map(_words, sizes))
    return words[0] if len(set(words)) == 1 else "x".join(words)


def _aligned(rows: Sequence[tuple[str, str, str]]) -> str:
    first, second, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(f"  {a:<{first}}  {b:>{second}}  {c}" for a, b, c in rows)


def _resolutions(res: Res | None) -> tuple[Resolution, ...]:
    if res is None:
        return ()
    several = res if isinstance(res, list) else [res]
    return tuple(
        parse_resolution(one)
        for part in several
        for one in (_separated(part) if isinstance(part, str) else [part])
    )


def _separated(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def verify(
    model: object,
    resolution: int | str | Sequence[int] | None = None,
    *,
    input_shape: InputShape | None = None,
    every: bool = False,
) -> Verification:
    """Compare the local footprints that the analysis claims with what the NaN oracle sees.

    ``model`` runs on the CPU, some dozen times per axis, with NaN in a part of its input;
    weights that it does not have are replaced by small random ones. It is left as it was
    found. ``resolution`` (pixels) is the input to run on; None: per axis an input larger than
    the footprints along it, and narrow elsewhere. ``input_shape`` names the axes, as
    ``(1, 3, "H", "W")``, where the first layer does not tell. ``every`` pins the footprints
    of all elements of all tensors, with two passes per pixel, instead of some of every tensor.

    The shortest path is not checked: which path an influence took cannot be observed. The
    verdict is ``verify(model).agrees``; the result prints as text. Raises TraceError if the
    model cannot run, ResolutionError.

    Source: specification of the footprints in ``docs/semantics.md``.
    """
    return verify_built(model, resolution, input_shape=input_shape, every=every)
