"""What a PyTorch model wants to be fed, guessed from its forward and its first layers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from torch import nn
from torch.jit import ScriptModule

from rfa_core.frontends.base import InputSpec, input_spec
from rfa_core.frontends.torch.exported.feeding import fed_to, sizes_of
from rfa_core.frontends.torch.exported.program import Program
from rfa_core.frontends.torch.signature import Signature, signature_of
from rfa_core.frontends.torch.wrappers import named, type_of, unwrapped

Shape = tuple[int | str, ...]
Guess = tuple[Shape, str]
"""A shape, and where it comes from."""

_AXES: dict[int, tuple[str, ...]] = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}
_SIZE_NAMES = ("image_size", "img_size", "input_size", "input_resolution")
_CONVOLUTIONS = 6
_IMAGES = 4
"""Of a series, where a model looks at each with layers for one."""
_SOUND = re.compile(r"(raw_?)?(wavs?|wave_?forms?|audios?|speech|signals?)", re.IGNORECASE)


def guess_inputs(model: nn.Module, given: InputSpec | None = None) -> tuple[InputSpec, ...]:
    """One tensor for each argument that ``forward`` requires, in batches of 1.

    Sound, if the argument is named so. The channels and dimensionality of the first convolution,
    or what the model's own settings name, or those of the first weight that has the shape of a
    kernel; of the other convolutions, since layers need not run in the order they stand in; an
    image of 3 channels, and of 1; without channels, where a model adds them; with the channels of a
    sequence last; images in series, or a volume as one; then what the first linear and recurrent
    layers take. Several inputs also share the channels of the first convolution, or are an image
    and numbers. With ``given`` shapes, only how they are passed is guessed: one by one, in a list,
    in a dictionary, as whole numbers.
    """
    model = unwrapped(model)
    if isinstance(model, Program):
        return (given or fed_to(model),)
    signature = signature_of(model)
    specs = [given] if given else list(_guessed(model, signature))
    if any(isinstance(module, nn.Embedding) for module in model.modules()):
        specs += [one for spec in specs for one in _with_indices(spec)]
    forms = _forms(signature, len(specs[0].tensors))
    first = [replace(spec, form=forms[0]) for spec in specs]
    return (*first, *(replace(spec, form=form) for form in forms[1:] for spec in specs[:2]))


def _forms(signature: Signature, count: int) -> tuple[str, ...]:
    """How ``count`` tensors may be passed, the most likely first."""
    alone = len(signature.required) == 1
    kinds = {argument.kind for argument in signature.required}
    if not alone and not signature.any_number:
        return ("arguments",)
    if "list" in kinds:
        return ("list", "images", "arguments")
    if "dictionary" in kinds:
        return ("dictionary", "arguments")
    others = ("list", "dictionary")
    return ("arguments", *others) if signature.takes(count) else (*others, "arguments")


def _with_indices(spec: InputSpec) -> Iterator[InputSpec]:
    """The tensors without axes as whole numbers, for an embedding; then all of them."""
    for chosen in (
        [not any(axis is not None for axis in tensor.axes) for tensor in spec.tensors],
        [True for _ in spec.tensors],
    ):
        if any(chosen):
            tensors = zip(spec.tensors, chosen, strict=True)
            made = tuple(replace(tensor, indices=whole) for tensor, whole in tensors)
            yield replace(spec, tensors=made, origin=f"{spec.origin}, as whole numbers")


def _guessed(model: nn.Module, signature: Signature) -> Iterator[InputSpec]:
    count = len([argument for argument in signature.required if argument.kind != "plain"])
    known: dict[Shape, str] = {}
    for shape, origin in (*_samples(model, signature), *_shapes(model)):
        known.setdefault(shape, origin)
    guesses = list(known.items())
    if count <= 1:
        yield from (input_spec(shape, origin) for shape, origin in guesses)
        return
    streams = _streams(model)
    for first in range(len(streams) - count + 1):
        chosen = streams[first : first + count]
        yield _several([shape for shape, _ in chosen], signature, chosen[0][1])
    for shape, origin in guesses[:3]:
        yield _several([shape] * count, signature, origin)
    for shape, origin in guesses[:3]:
        yield _several([shape, *[(1,)] * (count - 1)], signature, origin)
    yield from _joined(model, guesses[0], count, signature)


def _samples(model: nn.Module, signature: Signature) -> Iterator[Guess]:
    """What a model takes whose ``forward(wav)`` says that it wants sound."""
    if len(signature.required) == 1 and _SOUND.fullmatch(signature.required[0].name):
        convolutions = islice(_convolutions(model), _CONVOLUTIONS)
        yield from (found for found in convolutions if found[0][2:] == ("T",))
        yield (1, "T"), f"named by {signature}"
        yield (1, 1, "T"), f"named by {signature}"


def _joined(
    model: nn.Module, first: Guess, count: int, signature: Signature
) -> Iterator[InputSpec]:
    """What models take that join their inputs themselves, before the first convolution.

    Images that share its channels; an image with numbers, as many as the first linear layer takes
    or as there are channels besides those of an image.
    """
    (_, channels, *axes), origin = first
    if not isinstance(channels, int) or not axes:
        return
    if channels % count == 0:
        yield _several([(1, channels // count, *axes)] * count, signature, origin)
    linear = (module.in_features for module in model.modules() if isinstance(module, nn.Linear))
    for width in [*islice(linear, 1), *([channels - 3] if channels > 3 else [])]:
        for image in dict.fromkeys((3, channels)):
            numbers: list[Shape] = [(1, width)] * (count - 1)
            yield _several([(1, image, *axes), *numbers], signature, origin)


def _several(shapes: Sequence[Shape], signature: Signature, origin: str) -> InputSpec:
    return input_spec(shapes, f"{origin} and {signature}")


def _streams(model: nn.Module) -> list[Guess]:
    """The first convolution of each of the model's own children that has one."""
    firsts = (next(_convolutions(child, f"{name}."), None) for name, child in _children(model))
    return [first for first in firsts if first is not None]


def _children(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    return ((name, unwrapped(child)) for name, child in model.named_children())


def _shapes(model: nn.Module) -> Iterator[Guess]:
    """The shapes that one input may have, the most likely first."""
    found = list(islice(_convolutions(model), _CONVOLUTIONS)) or list(_named(model))
    found = found or list(_kernels(model))[:1]
    sequences = list(_sequences(model))
    if isinstance(_first_with_weights(model), nn.RNNBase):
        yield from sequences
    yield from found
    channels, *axes = found[0][0][1:] if found else (3, "H", "W")
    for other, image in ((3, "an image of 3 channels"), (1, "an image of 1 channel")):
        instead = f"{other} channels assumed, since {channels} do not run"
        yield (1, other, *axes), instead if found else f"{image} is assumed"
    if channels == 1:
        yield (1, *axes), f"{found[0][1]}, which a batch without channels may precede"
        yield (1, "T"), "a sequence of numbers is assumed"
    if axes == ["T"]:
        yield (1, "T", channels), f"{found[0][1]}, with the channels last"
    if found:
        yield from _series(*found[0])
    yield from sequences


def _series(shape: Shape, origin: str) -> Iterator[Guess]:
    """Images in a row, as clips and series of satellite images come: the channels behind or before
    the row."""
    _, channels, *axes = shape
    if len(axes) == 2:
        said = f"{origin}, with {_IMAGES} images in series"
        yield (1, _IMAGES, channels, *axes), said
        yield (1, channels, _IMAGES, *axes), said
    if len(axes) == 3:
        yield (1, axes[0], channels, *axes[1:]), f"{origin}, with the channels second to the depth"


def _first_with_weights(model: nn.Module) -> nn.Module | None:
    own = (module for _, module in named(model) if [*module.parameters(recurse=False)])
    return next(own, None)


def _convolutions(model: nn.Module, prefix: str = "") -> Iterator[Guess]:
    for path, module in named(model):
        place = f"{prefix}{path}".removesuffix(".") or type_of(module)
        if isinstance(module, ScriptModule):
            yield from _kernels(module, f"{place}.")
            continue
        kernel, channels = (getattr(module, name, None) for name in ("kernel_size", "in_channels"))
        if isinstance(kernel, tuple) and isinstance(channels, int) and len(kernel) in _AXES:
            yield (1, channels or 3, *_AXES[len(kernel)]), f"guessed from {place}"


def _kernels(model: nn.Module, prefix: str = "") -> Iterator[Guess]:
    for path, parameter in model.named_parameters(recurse=not prefix):
        axes = parameter.dim() - 2
        if axes in _AXES and min(parameter.shape[2:]) < max(parameter.shape[:2]):
            yield (1, parameter.shape[1], *_AXES[axes]), f"guessed from {prefix}{path}"


def _sequences(model: nn.Module) -> Iterator[Guess]:
    """What the first layer that takes sequences wants to be fed."""
    for path, module in named(model):
        for kind, shape in _TAKES_SEQUENCES.items():
            if isinstance(module, kind):
                yield shape(module), f"guessed from {path or type_of(module)}"
                return


def _sequence(module: Any, width: int) -> Shape:
    return (1, "T", width) if module.batch_first else ("T", 1, width)


_TAKES_SEQUENCES: dict[type[nn.Module], Callable[[Any], Shape]] = {
    nn.RNNBase: lambda module: _sequence(module, module.input_size),
    nn.MultiheadAttention: lambda module: _sequence(module, module.embed_dim),
    nn.Linear: lambda module: (1, "T", module.in_features),
    nn.Embedding: lambda _module: (1, "T"),
    nn.RNNCellBase: lambda module: (1, "T", module.input_size)[: 2 + (module.input_size > 1)],
}


def _named(model: nn.Module) -> Iterator[Guess]:
    """The channels that the model's own settings name, with as many axes."""
    size = _settings(model).get("input_size")
    if isinstance(size, (tuple, list)) and len(size) - 1 in _AXES:
        yield (1, int(size[0]), *_AXES[len(size) - 1]), "named by the settings of the model"


def _settings(model: nn.Module) -> dict[str, Any]:
    """What timm's models say of themselves."""
    found = getattr(model, "default_cfg", None) or getattr(model, "pretrained_cfg", None)
    return found if isinstance(found, dict) else {}


def sizes_named_by(model: nn.Module) -> tuple[int | tuple[int, ...], ...]:
    """Input sizes in the attributes that vision models keep them in, or of an exported program."""
    found: list[Any] = []
    model = unwrapped(model)
    if isinstance(model, Program):
        return (sizes_of(model),)
    for holder in (model, getattr(model, "patch_embed", None)):
        for name in _SIZE_NAMES:
            value = getattr(holder, name, None)
            found += [value] if isinstance(value, int) else list(value or ())[-1:]
    found += list(_settings(model).get("input_size") or ())[-1:]
    return tuple(size for size in found if isinstance(size, int) and not isinstance(size, bool))
