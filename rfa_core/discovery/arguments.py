"""What a factory is called with: configured arguments checked, weights switched off."""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from rfa_core.discovery.failures import FailedBuildError
from rfa_core.discovery.naming import nearest

_WEIGHTS = re.compile(
    r"pretrain|^weights?$|^(encoder|backbone|imagenet|load|download)_weights?$"
    r"|^weights_(encoder|backbone)$",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"(^|_)(devices?|cuda|gpus?|checkpoint|ckpt|resume|path|file|dir)(_|$)", re.IGNORECASE
)
_IN_CHANNELS = re.compile(
    r"n_?(in_?|input_?)?(channels?|chans?)"
    r"|(in|input|img|image)_?(channels?|chans?|chns?|ch|planes|dims?)",
    re.IGNORECASE,
)
_OUT_CHANNELS = re.compile(r"(n_?|num_?)?(out|output)_?(channels?|chans?|chns?|ch)", re.IGNORECASE)
IMAGE_SIZE = re.compile(r"(img|image)_?size", re.IGNORECASE)
_WELL_KNOWN: Sequence[tuple[re.Pattern[str], object]] = (
    (re.compile(r"(n|num|nb|no)?_?(of_)?(class|classes|labels)(_?nums?)?", re.IGNORECASE), 10),
    (_IN_CHANNELS, 3),
    (_OUT_CHANNELS, 10),
    (IMAGE_SIZE, 224),
    (re.compile(r"drop_?(out|path)?_?(rate|prob|p)?", re.IGNORECASE), 0.0),
)
_CHANNELS = (1, 2, 3, 4)
_EMPTY = inspect.Parameter.empty
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
SUPPLIED_BY_JAX = ("rngs", "rng", "key")
"""Sources of random numbers, which the builder of JAX models makes itself."""
_Parameters = Mapping[str, inspect.Parameter]


@dataclass(frozen=True, slots=True)
class Arguments:
    """Keyword arguments, and what to say about them."""

    values: Mapping[str, object]
    notes: tuple[str, ...] = ()


def arguments(
    factory: Callable[..., object],
    wanted: Mapping[str, object],
    name: str,
    supplied: Sequence[str] = (),
) -> Arguments:
    """Check ``wanted`` against the signature of ``factory`` and switch weights off.

    Arguments that are ``supplied`` when it is called are not missed. Raises FailedBuildError for
    an unknown argument (naming the nearest) and for required ones that are not given. A factory
    without a readable signature gets ``wanted`` as it is.
    """
    parameters = _signature(factory)
    if parameters is None:
        return Arguments(dict(wanted))
    _refuse_unknown(wanted, parameters, name)
    off = _weights_off(wanted, parameters)
    given = _switched_off(Arguments(wanted), off)
    _refuse_missing({**dict.fromkeys(supplied), **given.values}, parameters, name)
    return given


def less_weights(
    factory: Callable[..., object], given: Arguments, error: BaseException
) -> Arguments | None:
    """``given`` without the weights that ``factory`` asked another function for, and failed.

    An argument of any function in the traceback of ``error`` that asks for weights is switched off,
    if ``factory`` passes arguments on. None if there is none.
    """
    parameters = _signature(factory) or {}
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        for key in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
            value = frame.f_locals.get(key)
            if _WEIGHTS.search(key) and _loads(value) and key not in {*parameters, *given.values}:
                return _switched_off(given, {key: _off(key, value)})
    return None


def open_sizes(given: Arguments, chosen: Iterable[str]) -> Arguments | None:
    """``given`` with the sizes in an ``input_shape`` left open, if nobody configured it.

    ``chosen`` are the arguments that were found for the user. The last number of a shape counts
    channels; None if there is no such shape.
    """
    shape = given.values.get("input_shape") if "input_shape" in chosen else None
    if not isinstance(shape, (tuple, list)) or not shape[1:] or shape[-1] not in _CHANNELS:
        return None
    opened = (*(None for _ in shape[1:]), shape[-1])
    return Arguments({**given.values, "input_shape": opened}, given.notes)


def without_weights(required: Sequence[str]) -> dict[str, object]:
    """Those of the ``required`` arguments that ask for weights, switched off."""
    return {key: _off(key, _EMPTY) for key in required if _WEIGHTS.search(key)}


def makes_the_network(name: str) -> bool:
    """Whether an argument may change what is built, not only where it runs or what it loads."""
    return not _WEIGHTS.search(name) and not _ELSEWHERE.search(name)


def certain(required: Sequence[str]) -> dict[str, object]:
    """Values for those required arguments whose names can only mean one thing.

    Weights are switched off; the number of classes and the rate of dropout do not change a
    receptive field; images have three channels. Numbers of outputs are channels only beside
    channels of the input.
    """
    found = without_weights(required)
    has_channels = any(_IN_CHANNELS.fullmatch(key) for key in required)
    for key in required:
        for names, value in _WELL_KNOWN:
            if names.fullmatch(key) and (names is not _OUT_CHANNELS or has_channels):
                found[key] = value
    return found


def _signature(factory: Callable[..., object]) -> _Parameters | None:
    try:
        return inspect.signature(factory).parameters
    except (TypeError, ValueError):
        return None


def _refuse_unknown(wanted: Mapping[str, object], parameters: _Parameters, name: str) -> None:
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return
    known = [key for key, parameter in parameters.items() if parameter.kind in _BY_NAME]
    unknown = [key for key in wanted if key not in known]
    if unknown:
        raise FailedBuildError(
            f"{name} takes no argument {', '.join(map(repr, unknown))}",
            nearest(unknown[0], known) or "it takes no arguments at all",
        )


def _refuse_missing(values: Mapping[str, object], parameters: _Parameters, name: str) -> None:
    missing = [
        key
        for key, parameter in parameters.items()
        if key not in values
        and parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if missing:
        kwargs = ", ".join(f"{key} = …" for key in missing)
        raise FailedBuildError(
            f"{name} needs arguments: {', '.join(missing)}",
            f'give them in the configuration: factories = [{{ target = "{name}",'
            f" kwargs = {{ {kwargs} }} }}]",
        )


def _weights_off(wanted: Mapping[str, object], parameters: _Parameters) -> dict[str, object]:
    given = {
        key: parameter.default
        for key, parameter in parameters.items()
        if parameter.kind in _BY_NAME
    }
    asked = {key: value for key, value in {**given, **wanted}.items() if _WEIGHTS.search(key)}
    return {key: _off(key, value) for key, value in asked.items() if _loads(value)}


def _switched_off(given: Arguments, off: Mapping[str, object]) -> Arguments:
    notes = (f"called with {key}={value!r}: weights are not needed" for key, value in off.items())
    return Arguments({**given.values, **off}, (*given.notes, *notes))


def _loads(value: object) -> bool:
    return value is True or value is _EMPTY or isinstance(value, (str, Enum))


def _off(key: str, value: object) -> object:
    by_name = value is _EMPTY and key.lower().startswith("pretrain")
    return False if value is True or by_name else None
