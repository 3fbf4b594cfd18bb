"""``html``: one file that shows everything, for any image size, and asks nothing of any server.

The page carries the ``json`` report and a script that judges the layers anew as the slider moves;
charts and maps are drawn here.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import quote

from rfa_core.drawing.glyphs import SHAPES
from rfa_core.drawing.themes import ARROW, DARK, LIGHT, style_sheet, variables
from rfa_core.findings import ModelReport, Report
from rfa_core.report.json_report import report_object
from rfa_core.report.model_page import page_of
from rfa_core.report.options import RenderOptions
from rfa_core.report.packing import packed
from rfa_core.report.summary import headline
from rfa_core.report.words import flat, range_words
from rfa_core.rules.wording import count

SCRIPTS = (
    "packing",
    "words",
    "verdicts",
    "chart",
    "map",
    "table",
    "detail",
    "findings",
    "models",
    "page",
)
"""In the order in which the page runs them."""


def render(report: Report, options: RenderOptions) -> str:
    """The page of ``report``; models without a graph have no chart and no map.

    Lines of source are links where ``options`` know the address of the repository.
    """
    whole = report_object(report)
    objects = whole.pop("models")
    assert isinstance(objects, list)
    pages = [page_of(model, f"m{place}") for place, model in enumerate(report.models)]
    blob = f"{options.blob}{quote(options.prefix)}" if options.blob else ""
    head = {**whole, **_index(report), "blob": blob}
    data = [_embedded("report", head)]
    for page, one in zip(pages, objects, strict=True):
        data += [_embedded(page.id, one), _embedded(f"{page.id}-more", page.data)]
    script = "".join(['"use strict";\n(() => {\n', *map(_asset, _script_names()), "})();\n"])
    style = _style()
    return Template(_asset("page.html")).substitute(
        title=escape(_title(report)),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        arrow=ARROW,
        footer=escape(f"rfa {report.version}"),
        templates="".join(template for page in pages for template in page.templates),
        data="\n".join(data),
    )


def _title(report: Report) -> str:
    names = [flat(model.name) for model in report.models]
    return names[0] if len(names) == 1 else f"{count(len(names), 'model')}"


def _index(report: Report) -> dict[str, object]:
    """What the page says of the run as a whole, and of each model before it is opened."""
    names = {model.name for model in report.models}
    return {
        "glyphs": {str(verdict): shape for verdict, shape in SHAPES.items()},
        "headline": headline(report),
        "general": [
            {"code": one.code, "message": one.message}
            for one in report.findings
            if one.model not in names
        ],
        "models": [_entry(model, report) for model in report.models],
    }


def _entry(model: ModelReport, report: Report) -> dict[str, object]:
    return {
        "name": model.name,
        "status": model.status,
        "checked": [
            {
                "resolution": list(at.resolution),
                "counts": {str(verdict): number for verdict, number in at.counts().items()},
                "waste": at.waste.parameters,
            }
            for at in model.resolutions
        ],
        "range": range_words(model.range) if model.status == "analysed" else "",
        "findings": sum(finding.model == model.name for finding in report.findings),
    }


def _embedded(name: str, value: object) -> str:
    """Data for the script; nothing in it can end the element that holds it."""
    text = json.dumps(packed(value), separators=(",", ":"), allow_nan=False)
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f'<script type="application/json" id="{name}">{text}</script>'


def _style() -> str:
    """Daylight unless the system or the reader wants it dark; on paper always daylight."""
    dark = variables(DARK)
    return (
        f":root{{{variables(LIGHT)}color-scheme:light}}\n"
        "@media screen{@media (prefers-color-scheme:dark){"
        f":root:not([data-theme=light]){{{dark}color-scheme:dark}}}}"
        f":root[data-theme=dark]{{{dark}color-scheme:dark}}}}\n"
        f"{_asset('page.css')}{style_sheet()}"
    )


def _script_names() -> list[str]:
    return [f"{name}.js" for name in SCRIPTS]


def _asset(name: str) -> str:
    return files("rfa_core.report").joinpath(f"page/{name}").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What the Content-Security-Policy lets run."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
