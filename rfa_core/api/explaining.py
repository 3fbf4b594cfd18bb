"""Where the footprint of one layer comes from."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.closest import closest
from rfa_core.errors import UsageError
from rfa_core.examination import Examination, examine, first_running
from rfa_core.findings import Explanation, JudgedLayer
from rfa_core.receptive.origin import origin_of
from rfa_core.receptive.resolution import Resolution

MOST_NAMES = 5


def explained(guesses: Sequence[Examination], resolution: Resolution, name: str) -> Explanation:
    """The layer ``name`` of the first guess that the model runs on. Raises RfaError."""
    chosen = first_running(guesses, [resolution])
    (at,) = examine(chosen, [resolution]).resolutions
    judged = next((one for one in at.layers if one.layer.name == name), None)
    if judged is None:
        raise _unknown(name, at.layers)
    graph = chosen.at(at.resolution).graph
    origins = origin_of(graph, name, chosen.policy.global_norms)
    return Explanation(chosen.name, at.resolution, at.traced_at, judged, origins)


def _unknown(name: str, layers: Sequence[JudgedLayer]) -> UsageError:
    names = [one.layer.name for one in layers]
    inside = [one for one in names if one.startswith(f"{name}.")]
    if inside:
        more = f" and {len(inside) - MOST_NAMES} more" if len(inside) > MOST_NAMES else ""
        listed = f"{', '.join(inside[:MOST_NAMES])}{more}"
        return UsageError(f"--layer: {name} is a module of several layers", f"name one: {listed}")
    near = closest(name, names)
    meant = f"did you mean {near}? " if near else ""
    return UsageError(
        f"--layer: the model has no layer {name!r}",
        f"{meant}`rfa show TARGET -v` lists all {len(names)}",
    )
