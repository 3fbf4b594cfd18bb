"""The page in a real browser, held to what Python says."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import rfa_core as rfa
from rfa_core.api.analysis import guesses_of
from rfa_core.api.reporting import Outcome, report_of_run
from rfa_core.cli import main
from rfa_core.examination import examine, first_running
from rfa_core.findings import ModelReport, Report
from rfa_core.receptive.layers import Extent, Layer
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import Verdict, judge
from rfa_core.report.json_report import call_object
from rfa_core.rules import RULES, Subject, find

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Open = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; where there is none the tests are skipped, and say so."""
    pytest.importorskip("playwright", reason="needs playwright; the page was NOT tested")
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("needs Chromium (Debian: apt install chromium); the page was NOT tested")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def shown(browser: Any, tmp_path: Path) -> Open:
    """Opens the page of a report; whatever it asks of a server or complains of is a failure."""

    @contextmanager
    def show(
        report: Report,
        options: rfa.RenderOptions | None = None,
        **how: object,
    ) -> Iterator[Any]:
        file = tmp_path / "page.html"
        file.write_text(
            rfa.render("html", report, options or rfa.RenderOptions()), encoding="utf-8"
        )
        context = browser.new_context(viewport={"width": 1400, "height": 1000}, **how)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("request", lambda request: said.append(request.url))
        page.goto(file.as_uri())
        yield page
        context.close()
        asked = [one for one in said if not one.startswith((file.as_uri(), "data:", "blob:"))]
        assert asked == []

    return show


def residual() -> rfa.Graph:
    """As ResNet-18 is built, in names of modules."""
    net = rfa.Graph("residual")
    net.conv("stem.conv", filters=8, kernel=7, stride=2)
    x = net.max_pool("stem.pool", kernel=3, stride=2)
    for stage in range(3):
        for block in range(4):
            name, stride = f"stage{stage}.{block}", 2 if stage and not block else 1
            filters = 8 * 2**stage
            y = net.conv(f"{name}.conv1", x, filters=filters, kernel=3, stride=stride)
            y = net.conv(f"{name}.conv2", y, filters=filters, kernel=3)
            if stride > 1:
                x = net.conv(f"{name}.down", x, filters=filters, kernel=1, stride=stride)
            x = net.add(f"{name}.add", x, y)
    net.global_pool("pool")
    net.dense("head", units=10)
    return net


def oblong() -> rfa.Graph:
    """Kernels that differ by axis, and maps that large kernels cover."""
    net = rfa.Graph("oblong")
    net.conv("wide", filters=4, kernel=(1, 7))
    net.conv("high", filters=4, kernel=(5, 1), stride=(2, 1))
    for number in range(3):
        net.conv(f"large{number}", filters=4, kernel=9, stride=2)
    net.conv("last", filters=4, kernel=(1, 15))
    return net


def branched() -> rfa.Graph:
    """Branches, dilation, transposed convolution, up-sampling, and what is global."""
    net = rfa.Graph("branched")
    stem = net.conv("stem", filters=4, kernel=5, stride=4)
    near = net.conv("near", stem, filters=4, kernel=3)
    far = net.conv("far", stem, filters=4, kernel=3, dilation=6)
    net.concat("both", near, far)
    net.conv("down", filters=8, kernel=3, stride=2)
    up = net.transposed_conv("up", filters=4, kernel=4, stride=2)
    net.concat("skip", up, near)
    net.conv("mixed", filters=4, kernel=7)
    net.upsample("larger", factor=2)
    net.conv("end", filters=2, kernel=3)
    return net


def sound() -> rfa.Graph:
    """One axis."""
    net = rfa.Graph("sound", channels=1, axes=1)
    for number in range(6):
        net.conv(f"conv{number}", filters=4, kernel=9, stride=2)
    return net


def checked(*networks: rfa.Graph, at: Sequence[str] = ("64",), strict: bool = False) -> Report:
    """The report of a run with every rule on."""
    resolutions = [rfa.parse_resolution(one) for one in at]
    policy = Policy(strict_tie=strict)
    models = [
        examine(first_running(guesses_of(net, policy=policy), resolutions), resolutions)
        for net in networks
    ]
    return over(*models)


def over(*models: ModelReport) -> Report:
    outcomes = [Outcome(one, tuple(find(Subject(one, "."), RULES.values()))) for one in models]
    return report_of_run(outcomes, (), 1, ".")


def verdicts(net: rfa.Graph, at: str, strict: bool = False) -> dict[str, str]:
    """What Python says of a network that is looked at afresh."""
    found = rfa.analyse(net, at, policy=Policy(strict_tie=strict)).layers
    return {one.layer.name: one.verdict.value for one in found}


def resize(page: Any, sizes: str) -> None:
    page.fill("#pixels", sizes)


IN_TABLE = """() => Object.fromEntries([...document.querySelectorAll('#layers tbody tr')].map(
    row => [row.querySelector('button').title, row.dataset.verdict]))"""
DRAWN = """(marks) => Object.fromEntries([...document.querySelectorAll(marks)].map(mark => [
    (mark.ariaLabel || mark.textContent).split(/[:,]/)[0],
    mark.getAttribute('class').match(/v-([a-z-]+)/)[1]]))"""
SHAPES = """() => [...document.querySelectorAll('.point, .node.box > .glyph')].every(mark =>
    document.querySelector(`#counts [data-verdict=${mark.getAttribute('class').split('v-')[1]
    .split(' ')[0]}] path`).getAttribute('d') === mark.getAttribute('d'))"""


@pytest.mark.parametrize(
    ("make", "sizes"),
    [
        (residual, ["16", "31", "64", "65", "100", "224", "400"]),
        (oblong, ["8", "16", "32x64", "40", "64x96", "97", "200"]),
        (branched, ["12", "32", "48", "64", "80", "128"]),
        (sound, ["40", "64", "300", "1000"]),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_table_chart_and_map_have_pythons_verdicts_at_any_size(
    shown: Open, make: Callable[[], rfa.Graph], sizes: list[str], strict: bool
) -> None:
    net = make()

    with shown(checked(net, strict=strict)) as page:
        for size in sizes:
            resize(page, size)
            expected = verdicts(net, size, strict)
            table = page.evaluate(IN_TABLE)
            chart = page.evaluate(DRAWN, "#chart .point")
            boxes = page.evaluate(DRAWN, "#map .node.box")

            assert table == expected, size
            assert chart.items() <= expected.items(), size
            assert boxes.pop("input") == "not-judged"
            assert boxes.items() <= expected.items(), size
            assert len(chart) > 4
            assert page.evaluate(SHAPES), size


def test_the_slider_moves_what_the_field_moves(shown: Open) -> None:
    with shown(checked(residual())) as page:
        page.focus("#slider")
        page.keyboard.press("End")
        size = page.input_value("#pixels")
        page.locator("#chart .threshold text", has_text=f"image: {size} px").wait_for()

        assert int(size) > 64
        assert page.evaluate(IN_TABLE) == verdicts(residual(), size)


def test_the_script_judges_as_python_does_whatever_the_layer(shown: Open) -> None:
    numbers = random.Random(1)
    cases = [made_up(numbers, axes) for axes in (1, 2, 3) for _ in range(300)]
    script = files("rfa_core.report").joinpath("page/verdicts.js").read_text(encoding="utf-8")
    given = [
        [
            {
                **call_object(layer),
                "judged": judge(layer, sizes, Policy(strict_tie=strict)) is not Verdict.NOT_JUDGED,
                "others": [call_object(other) for other in layer.other_calls],
            },
            list(sizes),
            strict,
        ]
        for layer, sizes, strict in cases
    ]

    with shown(checked(sound())) as page:
        found = page.evaluate(
            f"""(cases) => {{ {script}
            const traced = (call, axis) => (call.input_feature_map || [])[axis];
            return cases.map(([layer, sizes, strict]) => judge(layer, sizes, strict, traced));
            }}""",
            given,
        )

    expected = [
        judge(layer, sizes, Policy(strict_tie=strict)).value for layer, sizes, strict in cases
    ]
    assert found == expected
    assert set(expected) == {one.value for one in Verdict}


def made_up(numbers: random.Random, axes: int) -> tuple[Layer, tuple[int, ...], bool]:
    """A layer, maybe with other calls, an image and whether ties do not count."""

    def sizes(*choices: int | None) -> tuple[int | None, ...]:
        if numbers.random() < 0.3:
            return (numbers.choice(choices),) * axes
        return tuple(numbers.choice(choices) for _ in range(axes))

    def call() -> Layer:
        seen = sizes(4, 5, 6, 8, None)
        grown = tuple(
            numbers.choice((0, None)) if one is None else one + numbers.choice((0, 1, 2))
            for one in seen
        )
        kernel = tuple(one or 1 for one in sizes(1, 1, 3, 5))
        maps = sizes(1, 2, 3, 4, 9, None)
        steps, gaps = (tuple(one or 1 for one in sizes(1, 2, 4)) for _ in range(2))
        return Layer(
            "x", "Conv", "conv", 1, kernel, steps, gaps, Extent(seen, seen), Extent(grown, grown),
            (None,) * axes, maps, maps, judgeable="weights", transposed=numbers.random() < 0.3,
        )  # fmt: skip

    layer = replace(call(), other_calls=tuple(call() for _ in range(numbers.choice((0, 0, 1, 2)))))
    image = tuple(one or 1 for one in sizes(4, 5, 6, 7))
    return layer, image, numbers.random() < 0.5


def test_what_was_checked_at_several_sizes_is_shown_as_it_was_found(shown: Open) -> None:
    report = checked(oblong(), at=("64", "16x32", "200"))

    with shown(report) as page:
        ticks = page.locator("#ticks button").all_text_contents()
        for tick, resolution in enumerate(report.models[0].resolutions):
            page.locator("#ticks button").nth(tick).click()
            found = {one.layer.name: one.verdict.value for one in resolution.layers}

            assert page.evaluate(IN_TABLE) == found
        columns = page.locator("#layers thead th").all_text_contents()

    assert ticks == ["64", "16x32", "200"]
    assert columns[-4:] == ["64", "16x32", "200", "Line"]


def test_the_band_is_that_of_the_footprints_traced_nearest(shown: Open) -> None:
    net = rfa.Graph("fitted")
    net.conv("first", filters=4, kernel=3)
    net.adaptive_pool("fitted", size=8)
    for number in range(3):
        net.conv(f"conv{number}", filters=4, kernel=3)
    lowest = """() => [document.querySelector('#chart .low').getAttribute('d').match(/[0-9.]+/g)
        .map(Number), [...document.querySelectorAll('#chart .point')].flatMap(mark =>
        mark.getAttribute('transform').match(/[0-9.]+/g).slice(0, 2).map(Number))]"""

    with shown(checked(net, at=("64", "128"))) as page:
        before, _ = page.evaluate(lowest)
        page.locator("#ticks button").nth(1).click()
        line, marks = page.evaluate(lowest)

    assert line != before
    assert line == pytest.approx(marks, abs=0.06)


def test_layers_that_are_there_at_one_size_only_are_shown_at_that_size(shown: Open) -> None:
    report = checked(residual(), at=("64", "128"))
    (model,) = report.models
    small, large = model.resolutions
    extra = replace(large.layers[0], layer=replace(large.layers[0].layer, name="extra"))
    large = replace(large, layers=(*large.layers, extra))
    shown_of = "document.getElementById('shown').textContent"

    with shown(over(replace(model, resolutions=(small, large)))) as page:
        page.uncheck("#judged")
        first = page.evaluate(shown_of), page.locator("#layers tr", has_text="extra").is_visible()
        page.locator("#ticks button").nth(1).click()
        second = page.evaluate(shown_of), page.locator("#layers tr", has_text="extra").is_visible()

    number = len(small.layers)
    assert first == (f"{number} of {number} layers", False)
    assert second == (f"{number + 1} of {number + 1} layers", True)


def test_modules_open_and_the_breadcrumb_leads_back(shown: Open) -> None:
    with shown(checked(residual())) as page:
        names = page.locator("#map .node .name").all_text_contents
        overview = names()
        page.locator("#map .node", has_text="stage1").click(position={"x": 60, "y": 10})
        inside = names()
        page.locator("#map .node.stack").focus()
        page.keyboard.press("Enter")
        block, crumbs = names(), page.locator("#crumbs li").all_text_contents()
        page.get_by_role("button", name="Next block").click()
        turned = page.locator("#crumbs li").all_text_contents()
        page.locator("#crumbs button").first.click()

        assert names() == overview

    assert overview == ["input", "stem", "stage0.0…3", "stage1", "stage2", "pool", "head"]
    assert inside == ["0", "1…3"]
    assert block == ["conv1", "conv2", "add"]
    assert crumbs == ["residual", "stage1", "1", "‹ 1 of 3 ›"]
    assert turned == ["residual", "stage1", "2", "‹ 2 of 3 ›"]


def test_a_layer_that_is_chosen_is_explained_and_marked_everywhere(shown: Open) -> None:
    with shown(checked(residual(), at=("40",))) as page:
        page.get_by_role("button", name="stage2.3.conv2", exact=True).first.click()

        assert page.text_content("#detail h3") == "stage2.3.conv2"
        assert (
            page.text_content("#detail .why").strip().startswith("Unproductive: along every path")
        )
        assert page.locator("#map .node.chosen .name").all_text_contents() == ["conv2"]
        assert page.locator("#chart .point.chosen").count() == 1
        assert page.locator("#layers tr.chosen").count() == 1


def test_the_sentence_says_what_global_context_changes(shown: Open) -> None:
    net = rfa.Graph("tokens")
    x = net.conv("patches", filters=8, kernel=16, stride=16)
    y = net.attention("mixed", x)
    net.add("sum", x, y)
    net.conv("last", filters=8, kernel=1)

    with shown(checked(net)) as page:
        said = page.text_content("#says")

    assert said == (
        "At 64 px, no layer is unproductive: each of 3 judged layers still gets something that has "
        "not seen the whole image. From 16 px on, none is. Apart from global context, no layer "
        "sees more than 16 px. "
    )


def test_the_table_filters_and_sorts(shown: Open) -> None:
    visible = "() => [...document.querySelectorAll('#layers tbody tr')].filter(r => !r.hidden)"
    names = f"{visible[6:]}.map(r => r.querySelector('button').title)"

    with shown(checked(residual())) as page:
        page.fill("#filter", "stage0 conv2")
        filtered = page.evaluate(names)
        page.fill("#filter", "")
        page.click("[data-verdict=critical]")
        critical = page.evaluate(names)
        page.click("[data-verdict=critical]")
        page.click("#layers th[data-key=parameters] button")
        page.click("#layers th[data-key=parameters] button")
        sort = page.get_attribute("#layers th[data-key=parameters]", "aria-sort")
        sorted_ = page.evaluate(names)

    found = verdicts(residual(), "64")
    layers = {one.layer.name: one.layer.parameters for one in rfa.analyse(residual(), 64).layers}
    judged = [name for name, verdict in found.items() if verdict != "not-judged"]
    assert filtered == [f"stage0.{block}.conv2" for block in range(4)]
    assert critical == [name for name, verdict in found.items() if verdict == "critical"]
    assert sort == "descending"
    assert sorted_ == sorted(judged, key=lambda name: -layers[name])


def test_j_and_k_step_through_the_findings_and_the_page_follows(shown: Open) -> None:
    report = checked(residual(), at=("100", "40", "20"))
    current = (
        "() => [...document.querySelectorAll('#findings li')].findIndex(one => one.ariaCurrent)"
    )

    with shown(report) as page:
        places = []
        for key in "jjkjjj":
            page.keyboard.press(key)
            places.append((page.evaluate(current), page.input_value("#pixels")))
        page.focus("#filter")
        page.keyboard.type("j")
        typed = page.evaluate(current)

    found = [str(one.resolution[0]) for one in report.findings if one.resolution]
    assert len(found) >= 4
    assert places == [(place, found[place]) for place in (0, 1, 0, 1, 2, 3)]
    assert typed == 3


def test_the_download_is_the_json_report(shown: Open) -> None:
    report = checked(residual(), branched(), at=("64", "100"))

    with shown(report) as page:
        with page.expect_download() as saved:
            page.click("#download")
        data = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))

    assert data == json.loads(rfa.render("json", report))


def test_several_models_have_an_index(shown: Open) -> None:
    failed = ModelReport("acme:broken", "torch", "unbuildable", error="TypeError: it\nis broken")
    report = over(*checked(residual(), branched()).models, failed)

    with shown(report) as page:
        first = page.text_content("#name")
        page.locator(".index").get_by_role("button", name="branched").click()
        second, found = page.text_content("#name"), page.evaluate(IN_TABLE)
        page.locator(".index").get_by_role("button", name="acme:broken").click()
        third, said = page.text_content("#name"), page.text_content("#says")
        judged = page.locator("#layers").is_visible()

    assert (first, second, third) == ("residual", "branched", "acme:broken")
    assert found == verdicts(branched(), "64")
    assert said == "TypeError: it is broken"
    assert not judged


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


def test_a_size_that_is_none_changes_nothing_and_says_so(shown: Open) -> None:
    with shown(checked(residual())) as page:
        for text in ("", "0", "-3", "64x", "1x2x3", "a", "9999999"):
            resize(page, text)
            assert page.get_attribute("#pixels", "aria-invalid") == "true", text
        found = page.evaluate(IN_TABLE)
        page.locator("#pixels").blur()

        assert page.input_value("#pixels") == "64"
    assert found == verdicts(residual(), "64")


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
