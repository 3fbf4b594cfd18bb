"""Names and paths of any characters in findings, as SARIF: valid, and addresses stay relative."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from fuzz.contract import BrokenContractError
from fuzz.mutation import as_json, changed_json
from fuzz.targets.base import target
from rfa_core.findings import Finding, ModelReport, Report, Severity, Waste
from rfa_core.report import RenderOptions, render
from rfa_core.report.words import clean

SCHEMA = Path(__file__).parents[2] / "tests" / "schemas" / "sarif-2.1.0.json"
WORDS = (
    "src/a.py", "/abs/a.py", "//host/a.py", "C:/a.py", "C:\\a.py", "file:///a.py", "a:b.py",
    "http://x/y", "..", "../a.py", "a/../../b.py", "a b.py", "a%20b.py", "a?b#c.py", "[::1]",
    "~/a.py", "é.py", "\udce9.py", "a\nb.py", "a\0b.py", "ml/", "./", "?", "#", ";", "@", "%",
)  # fmt: skip
_REFERENCE = re.compile(
    r"[A-Za-z0-9._~!$&'()*+,;=:@/-]*(?:%[0-9A-F]{2}[A-Za-z0-9._~!$&'()*+,;=:@/-]*)*"
)
_KEYS = ("file", "prefix", "anchor", "model", "message", "layer")


def changed(data: bytes, dice: random.Random) -> bytes:
    value = as_json(data)
    if not isinstance(value, dict):
        value = dict.fromkeys(_KEYS, "")
    return json.dumps(changed_json(value, dice, WORDS)).encode()


def seeds() -> Iterator[bytes]:
    for word in WORDS:
        texts = dict.fromkeys(_KEYS, "x") | {"file": word, "prefix": ""}
        yield json.dumps(texts).encode()


@cache
def _validator() -> Any:
    import jsonschema

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)


@target("sarif", changed, seeds)
def write_sarif(data: bytes, folder: Path) -> None:
    """Every finding stands at a relative address that leads back to its path."""
    value = as_json(data)
    texts = {key: str(value.get(key, "")) for key in _KEYS} if isinstance(value, dict) else {}
    if not texts:
        return
    report = _report(texts, folder)
    log = json.loads(render("sarif", report, RenderOptions(prefix=texts["prefix"])))
    (run,) = log["runs"]
    run["tool"]["driver"]["rules"] = run["tool"]["driver"]["rules"][:1]
    mistakes = [error.message for error in _validator().iter_errors(log)]
    if mistakes:
        raise BrokenContractError(f"invalid SARIF: {mistakes[:3]}")
    for finding, result in zip(report.findings, run["results"], strict=True):
        path = texts["prefix"] + (finding.file or texts["anchor"])
        _check_address(result["locations"][0]["physicalLocation"]["artifactLocation"], path)


def _check_address(location: Any, path: str) -> None:
    uri = location["uri"]
    parts = urlsplit(uri)
    if parts.scheme or parts.netloc or uri.startswith("/") or not _REFERENCE.fullmatch(uri):
        raise BrokenContractError(f"{path!r} has the address {uri!r}, which is not relative")
    path = clean(path).replace("\n", "\\n").encode("utf-8", "backslashreplace").decode()
    if unquote(uri) not in (path, f"./{path}"):
        raise BrokenContractError(f"{path!r} has the address {uri!r}, which leads elsewhere")


def _report(texts: dict[str, str], folder: Path) -> Report:
    """Findings with and without a file, as the product makes them: never outside of its root."""
    model = ModelReport(texts["model"], "torch", "analysed", file=texts["file"] or None, line=1)
    found = [
        Finding(
            "RFA101", "unproductive-layer", Severity.ERROR, texts["model"], texts["message"],
            help=texts["message"], resolution=(64, 64), layers=(texts["layer"],), file=file,
            line=line, column=line, end_line=line, waste=Waste(0.5, 0.5), fingerprint="f" * 64,
            url="https://example.org",
        )
        for file, line in ((texts["file"] or None, 3), (None, None))
    ]  # fmt: skip
    return Report("0", (model,), tuple(found), (), 1, str(folder), anchor=texts["anchor"])
