"""Is a network a model of its own, or a part of one? A confidence, and the reasons.

The weights follow the precision of each signal in a study of public model repositories:
what is used inside another network is no model (99 %), nor is what is named like a block
(98 %); what nothing uses mostly is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rfa_core.discovery.families import Families, Role
from rfa_core.discovery.project import Project, Symbol
from rfa_core.discovery.syntax import Definition
from rfa_core.discovery.usage import Usage

THRESHOLD = 0.5

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        """
        act activation aspp attention attn block bottleneck branch cell conv
        decoder down downsample dropout droppath embed embedding
        encoder encoding ffn flatten fusion gate gelu head identity layer layers linear
        mish module neck norm pool pooling relu residual sampler se shuffle sigmoid stage stem swish
        tanh transition unit up upsample
        """,
    )
)
_ARCHITECTURE = re.compile(
    r"net\d*|net(v\d+|work|works)?|resne[xs]t\w*|\w*net\w*|vgg\w*|\w*former\w*|unet\w*|vit\w*|dla\w*"
    r"|dpn\w*|inception\w*|xception\w*|mnist|cifar|cnn\w*|\w*cnn|mlp|model|classifier|detector"
    r"|generator|discriminator|yolo\w*|segmenter|autoencoder|vae|gan|tcn|lstm|swin\w*|convnext\w*",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])(?:\d+d?)?|[A-Z]?[a-z]+(?:\d+d?)?|\d+")
_DIMENSIONS = re.compile(r"\d+d?$")
_RUN = {"torch": "forward", "keras": "call", "tf_keras": "call"}
"""What the method is called that runs a model, where it is not ``__call__``."""
_REGISTERS = frozenset({"register_model", "register_backbone_model", "register"})


@dataclass(frozen=True, slots=True)
class Assessment:
    """``confidence`` (0 to 1) that a network is a model; what speaks for and against it."""

    confidence: float
    reasons: tuple[str, ...]
    objection: str

    @property
    def is_model(self) -> bool:
        return self.confidence >= THRESHOLD


def assess(symbol: Symbol, project: Project, families: Families, usage: Usage) -> Assessment:
    """Weigh the signals for and against the network ``symbol``."""
    definition = project.definition(symbol)
    if definition.mark is not None:
        said = definition.mark.words
        return Assessment(float(definition.mark.is_model), (said,), said)
    start, origin = _origin(symbol, definition, families)
    against = sorted(
        [*_uses(symbol, definition, families, usage), *_shape(symbol, definition, families)]
    )
    source = project.sources[symbol.file]
    favour = list(_favour(definition, symbol.name in source.exported))
    confidence = start + sum(weight for weight, _ in (*against, *favour))
    reasons = (origin, *(text for _, text in (*favour, *against)))
    if not usage.inside.get(symbol) and not usage.passed.get(symbol):
        reasons = (*reasons, "no other network uses it")
    objection = against[0][1] if against else "too little speaks for a model"
    return Assessment(round(min(max(confidence, 0.0), 1.0), 2), reasons, objection)


def _origin(symbol: Symbol, definition: Definition, families: Families) -> tuple[float, str]:
    family, product = families.family(symbol), families.product(symbol)
    if family is not None:
        return 0.7, f"subclass of {family.base}"
    described = product.described if product is not None else ""
    return (0.8, f"returns {described}") if definition.returned else (0.65, f"says -> {described}")


def _uses(
    symbol: Symbol, definition: Definition, families: Families, usage: Usage
) -> Iterator[tuple[float, str]]:
    if symbol in usage.inside:
        yield -0.6, f"building block: used inside {usage.inside[symbol].name}"
    if symbol in usage.passed:
        yield -0.5, f"building block: passed to {usage.passed[symbol].name}"
    if symbol in usage.stacked and families.required(symbol):
        yield -0.5, f"building block: stacked in {usage.stacked[symbol].name}"
    if symbol in usage.subclassed:
        heir = usage.subclassed[symbol].name
        yield -0.4 if _is_block(heir) else -0.3, f"base class of {heir}"
        if definition.is_class and definition.required is None and not definition.fields:
            yield -0.2, "leaves its constructor to its subclasses"
    if symbol in usage.wrapped:
        yield -0.5, f"trains {usage.wrapped[symbol].name}, which is a candidate itself"


def _shape(
    symbol: Symbol, definition: Definition, families: Families
) -> Iterator[tuple[float, str]]:
    words = _words(symbol.name)
    if _is_loss(symbol.name):
        yield -0.7, f"named like a loss: {symbol.name}"
    if _is_block(symbol.name):
        yield -0.3 if definition.is_class else -0.2, f"named like a building block: {symbol.name}"
    yield from _makes(symbol, families)
    if words and words[0] in ("base", "abstract"):
        yield -0.4, f"named like a base class: {symbol.name}"
    family = families.family(symbol)
    if family is None:
        return
    if family.role is Role.LAYER:
        yield -0.5, f"building block: subclass of {family.base}"
    if family.role is Role.LOSS:
        yield -0.7, f"loss: subclass of {family.base}"
    if definition.is_abstract:
        yield -0.6, "abstract class"
    run = _RUN.get(family.framework, "__call__")
    if family.inputs is None and family.role is Role.NETWORK:
        yield -0.6, f"has no {run} method"
    if (family.inputs or 0) > 1:
        yield -0.25, f"its {run} method needs {family.inputs} inputs"


def _makes(symbol: Symbol, families: Families) -> Iterator[tuple[float, str]]:
    """What the names of all that a function returns say: a block that is told how large to be may
    be a network, one that is told nothing is an activation or the like."""
    product = families.product(symbol)
    made = product.symbols if product else ()
    if made and all(_is_loss(each.name) for each in made):
        yield -0.7, f"returns a loss: {made[0].name}"
    if made and all(_is_block(each.name) and not families.required(each) for each in made):
        yield -0.2, f"returns a building block: {made[0].name}"


def _is_loss(name: str) -> bool:
    return _words(name)[-1:] in (["loss"], ["criterion"])


def _is_block(name: str) -> bool:
    words = _words(name)
    return bool(words) and (words[-1] in _BLOCKS or words[0] == "lambda")


def _words(name: str) -> Sequence[str]:
    return [_DIMENSIONS.sub("", word.lower()) for word in _WORDS.findall(name)]


def _favour(definition: Definition, is_exported: bool) -> Iterator[tuple[float, str]]:
    if any(_ARCHITECTURE.fullmatch(word) for word in _WORDS.findall(definition.name)):
        yield 0.15, "named like an architecture"
    if is_exported:
        yield 0.05, "listed in __all__"
    if any(name.rpartition(".")[2] in _REGISTERS for name in definition.decorators):
        yield 0.15, "registered as a model"
