"""The page as a file: who writes it, what it holds, what it shows of names, and to whom."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pages import Open, branched, checked, over, residual, sound, verdicts

import rfa_core as rfa
from rfa_core.cli import main
from rfa_core.findings import ModelReport


def test_the_download_is_the_json_report(shown: Open) -> None:
    report = checked(residual(), branched(), at=("64", "100"))

    with shown(report) as page:
        with page.expect_download() as saved:
            page.click("#download")
        data = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))

    assert data == json.loads(rfa.render("json", report))


def test_lines_lead_to_the_repository_where_its_address_is_known(shown: Open) -> None:
    (model,) = checked(sound()).models
    (at,) = model.resolutions
    placed = tuple(replace(one, file="src/a #1.py", line=7) for one in at.layers)
    report = over(replace(model, resolutions=(replace(at, layers=placed),)))
    options = rfa.RenderOptions(blob="https://host/me/it/blob/abc/", prefix="sub dir/")

    with shown(report, options) as page:
        link = page.locator("#layers tbody a").first
        found = link.text_content(), link.get_attribute("href")

    assert found == ("src/a #1.py:7", "https://host/me/it/blob/abc/sub%20dir/src/a%20%231.py#L7")


HOSTILE = (
    '"><script>document.title="bad"</script>', "</script><script>document.title='bad'</script>",
    "<!--<script>", "]]>", "a\nb\r\n::error::c", "x" * 10_000, "\u202eabc\u2066", "\ud800",
    "&amp;&lt;", "'`${document.title='bad'}`", "__proto__", "</template><b>", "\x00\x1b[31m",
    "\u2028", "$style", "<img src=x onerror=\"document.title='bad'\">", " ", "a|b", "constructor",
)  # fmt: skip
SPELLED = ["\\u202eabc\\u2066", "\\ud800", "\\u2028"]


def test_hostile_names_are_shown_and_nothing_else(shown: Open) -> None:
    net = rfa.Graph("net")
    for number in range(len(HOSTILE)):
        net.conv(f"c{number}", filters=2, kernel=3)
    (model,) = checked(net, at=("20",)).models
    names = {f"c{number}": name for number, name in enumerate(HOSTILE)}

    with shown(over(renamed(model, names))) as page:
        rows = page.evaluate(
            "[...document.querySelectorAll('#layers tbody tr')].map(row =>"
            " [row.querySelector('button').title, row.dataset.verdict])"
        )
        page.keyboard.press("j")
        page.click("#layers tbody tr:nth-child(6) button")
        title, scripts = page.title(), page.locator("script:not([type])").count()
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        data = page.evaluate("JSON.parse(document.getElementById('report').textContent)")
        drawn = page.locator("#map .node").count()

    assert [verdict for _, verdict in rows] == list(verdicts(net, "20").values())
    assert [name for name, _ in rows if "script" in name] == list(HOSTILE[:3])
    assert [name for name, _ in rows if "\\u" in name] == SPELLED
    assert title == 'rfa: <b>"acme"</b>'
    assert (scripts, wide) == (1, False)
    assert data["findings"]
    assert drawn > 1


def renamed(model: ModelReport, names: dict[str, str]) -> ModelReport:
    """``model`` with other names of layers and types, in its graph as well."""
    assert model.graph is not None
    (at,) = model.resolutions
    nodes = tuple(
        replace(node, layer=names.get(node.layer, node.layer), type=f"<i>{node.type}")
        for node in model.graph
    )
    layers = tuple(
        replace(one, layer=replace(one.layer, name=names[one.layer.name]), file="a<b>.py", line=1)
        for one in at.layers
    )
    return replace(
        model,
        name='<b>"acme"</b>',
        notes=("<u>note</u>",),
        graph=replace(model.graph, nodes=nodes, _index={}),
        resolutions=(replace(at, layers=layers),),
    )


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (600, "dark")])
def test_axe_finds_no_serious_fault(shown: Open, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="needs axe-playwright-python")
    script = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

    with shown(checked(residual(), branched()), color_scheme=scheme) as page:
        page.set_viewport_size({"width": width, "height": 1000})
        page.keyboard.press("j")
        page.evaluate(script)
        found = page.evaluate("async () => (await axe.run()).violations")
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")

    serious = [
        (one["id"], one["nodes"][0]["html"][:200])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert not wide


@pytest.mark.parametrize(
    "command",
    [
        ["show", "net.rfa.json", "--res", "64", "-o", "page.html"],
        ["check", "net.rfa.json", "--res", "64", "--report", "html:page.html"],
        ["check", "net.rfa.json", "--res", "64", "--output-format", "html", "-o", "page.html"],
    ],
)
def test_every_door_writes_the_page_with_its_maps(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    residual().save("net.rfa.json")

    code = main([*command, "--isolated"])

    page = Path("page.html").read_text(encoding="utf-8")
    assert code == 0
    assert page.startswith("<!doctype html>")
    assert page.count('<template id="m0-d') == 5
    assert page.count('<template id="m0-c') == 1
