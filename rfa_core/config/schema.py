"""The keys of ``[tool.rfa]``: declared once, for the check, the JSON schema and the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rfa_core.config.checking import Convert, Place, checked
from rfa_core.config.factories import factories
from rfa_core.config.keys import Key
from rfa_core.config.kinds import (
    SEVERITIES,
    Kind,
    flag,
    list_of,
    module,
    one_of,
    per_model_ignores,
    report,
    resolution,
    rule,
    severity,
    share,
    text,
    version,
)
from rfa_core.config.sources import SECTION


def convert(place: Place) -> dict[str, Any]:
    """The values of a source, by the names of the fields of ``Settings``.

    Every mistake goes to ``place.problems``; the values are of use only if there is none.
    """
    section = place.source.section
    if section is not None and not isinstance(section, dict):
        Place(place.source, place.problems, SECTION).expected("a table", section)
        section = None
    for key in sorted(place.source.top.keys() & (section or {}).keys()):
        place.at(key).refuse("stands at the top and in [tool.rfa]; keep one of them")
    known: dict[str, Convert] = {name: key.kind for name, key in KEYS.items()}
    values = checked(place, place.source.values, known)
    return {field_name(key): value for key, value in values.items()}


def field_name(key: str) -> str:
    """The field of ``Settings`` that holds ``key``."""
    return key.replace("-", "_")


def _reports(place: Place, value: object) -> Any:
    reports = list_of(report)(place, value)
    paths = [path for _, path in reports]
    for path in dict.fromkeys(path for path in paths if paths.count(path) > 1):
        place.refuse(f"{paths.count(path)} reports go to {path!r}; give each a file of its own")
    return reports


KEYS: Mapping[str, Key] = {
    "required-version": Key(
        version, "any", 'the versions of rfa that this is written for, such as `">=0.1"`'
    ),
    "resolutions": Key(
        list_of(resolution),
        "none",
        'what models are judged at, in pixels: `64` for all axes, or `"96x128"`, one number per '
        "axis",
    ),
    "paths": Key(list_of(text), "the project", "files and folders where discovery looks"),
    "exclude": Key(list_of(text), "none", "globs of what discovery leaves out"),
    "factories": Key(
        factories, "none", "models by name, or as tables with `target` and how to build and feed it"
    ),
    "select": Key(
        list_of(rule),
        "none",
        "codes of rules or beginnings of codes; unset: all rules but RFA203 and RFA3",
    ),
    "ignore": Key(
        list_of(rule), "none", "rules that are left out; the longest beginning that fits decides"
    ),
    "extend-select": Key(list_of(rule), "none", 'added to `select`, such as `["RFA203", "RFA3"]`'),
    "severity": Key(severity, "by rule", 'a level for each rule, as `RFA104 = "error"`'),
    "per-model-ignores": Key(
        per_model_ignores,
        "none",
        'rules that are left out, by globs of model names, as `"acme.legacy:*" = ["RFA101"]`',
    ),
    "baseline": Key(
        text,
        "",
        "the file of [accepted findings](legacy-zoo.md#accept-what-is-there-now), if it is there",
    ),
    "fail-on": Key(
        one_of(*SEVERITIES, "never"),
        "",
        "findings fail a run from this severity on: `error`, `warning`, `info` or `never`",
    ),
    "max-unproductive-parameters": Key(
        share, "off", "the budget of RFA105: a share of all parameters, from 0 to 1"
    ),
    "judge-pointwise": Key(flag, "", "judge 1x1 kernels like all others"),
    "judge-pooling": Key(flag, "", "judge pooling layers, too"),
    "tie": Key(
        one_of("unproductive", "productive"),
        "",
        "what a layer is whose input sees exactly the whole image; `productive` is the strict "
        "rule of the papers",
    ),
    "norm-statistics": Key(
        one_of("local", "global"),
        "",
        "`global` counts statistics over the whole map as global context",
    ),
    "reports": Key(
        Kind(_reports, list_of(report).schema),
        "none",
        'files that every check writes, as `"json:rfa.json"`, seen from the project root',
    ),
    "cache-dir": Key(
        text,
        "",
        "where [the cache](cache.md) is, seen from the project root",
    ),
    "plugins": Key(
        list_of(module),
        "none",
        "[plugins](frontends.md#plugins): modules that make layers and operations known",
    ),
}
"""The keys that this version acts upon."""
