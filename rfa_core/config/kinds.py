"""What may stand at a key: converters that collect every problem and never raise, each with
the JSON schema of what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rfa_core.config.checking import Convert, Place, checked, shown
from rfa_core.config.settings import ReportFile
from rfa_core.errors import ResolutionError
from rfa_core.formats import FORMATS
from rfa_core.receptive.resolution import LARGEST, parse_resolution

Schema = dict[str, Any]

SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of values: what each becomes, and how JSON schema describes it."""

    convert: Convert
    schema: Schema

    def __call__(self, place: Place, value: object) -> Any:
        return self.convert(place, value)


def one_of(*choices: str) -> Kind:
    """One of a few words."""

    def convert(place: Place, value: object) -> Any:
        if value not in choices:
            place.expected(f"one of {', '.join(map(repr, choices))}", value, choices)
        return value

    return Kind(convert, {"enum": list(choices)})


def list_of(element: Kind) -> Kind:
    """A list, to a tuple without repetitions."""

    def convert(place: Place, value: object) -> Any:
        if not isinstance(value, (list, tuple)):
            place.expected(
                "a list" if isinstance(value, Mapping) else f"a list, as [{shown(value)}]", value
            )
            return ()
        elements = [element(place.at(n), each) for n, each in enumerate(value)]
        return tuple(each for n, each in enumerate(elements) if each not in elements[:n])

    return Kind(convert, {"type": "array", "items": element.schema})


def _flag(place: Place, value: object) -> Any:
    if not isinstance(value, bool):
        place.expected("true or false", value)
    return value


def _text(place: Place, value: object) -> Any:
    if not isinstance(value, str) or not value.strip():
        place.expected("a string that is not empty", value)
    return value


def _share(place: Place, value: object) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
        return value
    place.expected("a number from 0 to 1", value)
    return None


def _table(place: Place, value: object) -> Any:
    if not isinstance(value, Mapping):
        place.expected("a table", value)
        return {}
    return dict(value)


def _resolution(place: Place, value: object) -> Any:
    try:
        return parse_resolution(value)
    except ResolutionError:
        place.expected(f"1 to {LARGEST} pixels, as 64 or '64x96' (one number per axis)", value)


def _rule(place: Place, value: object) -> Any:
    codes = _codes()
    begins = isinstance(value, str) and value.startswith("RFA") and _begins(value, codes)
    if not (begins or value == "ALL"):
        near = {code[: max(len(str(value)), 4)] for code in codes}
        place.expected("a rule's code or its beginning, as 'RFA101' or 'RFA1'", value, sorted(near))
    return value


def _severity(place: Place, value: object) -> Any:
    levels: Mapping[str, Convert] = dict.fromkeys(_codes(), one_of(*SEVERITIES))
    return checked(place, _table(place, value), levels)


def _per_model_ignores(place: Place, value: object) -> Any:
    globs = _table(place, value)
    return checked(place, globs, dict.fromkeys(globs, list_of(rule)))


def _module(place: Place, value: object) -> Any:
    if not isinstance(value, str) or not all(part.isidentifier() for part in value.split(".")):
        place.expected("a module by its dotted name, as 'acme.rfa_plugin'", value)
    return value


def _begins(beginning: str, codes: tuple[str, ...]) -> bool:
    return any(code.startswith(beginning) for code in codes)


def _codes() -> tuple[str, ...]:
    from rfa_core.rules import RULES

    return tuple(RULES)


def _version(place: Place, value: object) -> Any:
    from importlib.metadata import version

    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        wanted = SpecifierSet(str(value), prereleases=True)
    except InvalidSpecifier:
        wanted = SpecifierSet()
    installed = version("pytest-rfa")
    if not str(wanted):
        place.expected("versions as '>=0.1'", value)
    elif installed not in wanted:
        place.refuse(f"expected rfa {value}, found {installed}; install a version that fits")
    return value


def _report(place: Place, value: object) -> Any:
    name, colon, path = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not colon or not path.strip():
        place.expected("FORMAT:PATH as 'json:rfa.json'", value)
    elif name not in FORMATS:
        place.expected(f"one of the formats {', '.join(FORMATS)}", name, FORMATS)
    return ReportFile(name, path)


flag = Kind(_flag, {"type": "boolean"})
text = Kind(_text, {"type": "string", "pattern": r"\S"})
share = Kind(_share, {"type": "number", "minimum": 0, "maximum": 1})
table = Kind(_table, {"type": "object"})
version = Kind(_version, {"type": "string", "pattern": r"^\s*(===|[<>=!~]=|[<>])"})
rule = Kind(_rule, {"type": "string", "pattern": r"^(ALL|RFA\d{0,3})$"})
severity = Kind(
    _severity,
    {
        "type": "object",
        "propertyNames": {"pattern": r"^RFA\d{3}$"},
        "additionalProperties": {"enum": list(SEVERITIES)},
    },
)
report = Kind(_report, {"type": "string", "pattern": rf"^({'|'.join(FORMATS)}):.*\S"})
_PIXELS = "0*[1-9][0-9]{0,6}"
_SIZE = {"type": "integer", "minimum": 1, "maximum": LARGEST}
resolution = Kind(
    _resolution,
    {
        "anyOf": [
            _SIZE,
            {"type": "string", "pattern": rf"^\s*{_PIXELS}([xX]{_PIXELS})*\s*$"},
            {"type": "array", "items": _SIZE, "minItems": 1},
        ]
    },
)
per_model_ignores = Kind(
    _per_model_ignores, {"type": "object", "additionalProperties": list_of(rule).schema}
)
module = Kind(_module, {"type": "string", "pattern": r"^[^\W\d]\w*(\.[^\W\d]\w*)*$"})
