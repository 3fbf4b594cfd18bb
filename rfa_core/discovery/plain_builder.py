"""The builder of models that have no weights: what the factory returns, as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rfa_core.discovery.failures import no_model
from rfa_core.graph.model import Location


def build_plain(
    call: Callable[[], object], name: str, _root: str
) -> tuple[object, Mapping[int, tuple[Location, ...]], tuple[str, ...]]:
    """Run ``call``; the model knows itself which lines made it.

    Raises FailedBuildError when it returns nothing, and whatever ``call`` raises.
    """
    made = call()
    if made is None:
        raise no_model(name, made, "a factory has to return one rfa_core.Graph")
    return made, {}, ()
