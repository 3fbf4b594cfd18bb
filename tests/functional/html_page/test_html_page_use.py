"""What the parts of the page do when they are used."""

from __future__ import annotations

from pages import IN_TABLE, Open, branched, checked, over, residual, verdicts

import rfa_core as rfa
from rfa_core.findings import ModelReport


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
