"""The zoos of the libraries, as targets: ``torchvision:resnet18``, ``keras:VGG16``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from importlib import import_module
from typing import Any, cast

from rfa_core.discovery.candidates import Target
from rfa_core.discovery.naming import nearest
from rfa_core.errors import MissingDependencyError, TargetError
from rfa_core.libraries.quiet import imported_quietly

ZOOS = {"torchvision": "torch", "timm": "torch", "keras": "keras"}
"""Every zoo, and the framework of its models."""
_INSTALLED = {"torchvision": "torchvision", "timm": "timm", "keras": "'pytest-rfa[tensorflow]'"}
"""What brings a zoo."""

TORCHVISION_GROUPS = {
    "classification": "torchvision.models",
    "segmentation": "torchvision.models.segmentation",
    "detection": "torchvision.models.detection",
    "video": "torchvision.models.video",
    "optical_flow": "torchvision.models.optical_flow",
    "quantization": "torchvision.models.quantization",
}
"""The modules of torchvision's models, by the name of the task."""


_APPLICATIONS = "rfa_core.discovery.applications"


def is_zoo(name: str) -> bool:
    """Whether ``name`` reads ``zoo:model`` with a zoo that is known."""
    zoo, colon, model = name.partition(":")
    return zoo in ZOOS and bool(colon) and not model.startswith(":")


def zoo_targets(name: str) -> tuple[Target, ...]:
    """The models that ``zoo:pattern`` means, in alphabetical order.

    A pattern of torchvision's (``*``, ``resnet*``) matches its classification models, with a
    task in front (``detection/*``, ``*/*``) those of the task; any model can be named. Imports
    the zoo. Raises TargetError for a name that matches nothing, MissingDependencyError when the
    zoo is not installed.
    """
    zoo, _, pattern = name.partition(":")
    known = _names(zoo)
    found = [pattern] if pattern in known else _matching(zoo, pattern)
    if not found:
        raise TargetError(f"{zoo} has no model {pattern!r}", nearest(pattern, known, f"{zoo}:"))
    return tuple(Target(f"{zoo}:{model}", framework=ZOOS[zoo], kind="zoo") for model in found)


def zoo_factory(name: str) -> Callable[..., object]:
    """The builder of ``zoo:model``. Raises TargetError for a model that does not exist."""
    zoo, _, model = name.partition(":")
    known = _names(zoo)
    if model not in known:
        raise TargetError(f"{zoo} has no model {model!r}", nearest(model, known, f"{zoo}:"))
    if zoo == "keras":
        return cast("Callable[..., object]", _zoo(_APPLICATIONS).application(model))
    if zoo == "timm":
        return functools.partial(_zoo("timm").create_model, model)
    builder: Callable[..., object] = _zoo("torchvision.models").get_model_builder(model)
    return builder


def _names(zoo: str) -> Sequence[str]:
    if zoo == "keras":
        return cast("Sequence[str]", _zoo(_APPLICATIONS).NAMES)
    names: list[str] = (_zoo("timm") if zoo == "timm" else _zoo("torchvision.models")).list_models()
    return names


def _matching(zoo: str, pattern: str) -> list[str]:
    if zoo != "torchvision":
        return [name for name in _names(zoo) if fnmatchcase(name, pattern)]
    task, _, own = pattern.rpartition("/")
    models = _zoo("torchvision.models")
    return [
        name
        for group, module in TORCHVISION_GROUPS.items()
        if fnmatchcase(group, task or "classification")
        for name in models.list_models(module=_zoo(module))
        if fnmatchcase(name, own)
    ]


def _zoo(module: str) -> Any:
    name = "keras" if module == _APPLICATIONS else module.partition(".")[0]
    try:
        imported_quietly(name)
        return import_module(module)
    except ImportError as error:
        raise MissingDependencyError(
            f"{name} cannot be imported: {error}", f"install it: pip install {_INSTALLED[name]}"
        ) from error
