"""The page's verdicts at any size, held to what Python says."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files

import pytest
from pages import IN_TABLE, Open, branched, checked, oblong, over, residual, resize, sound, verdicts

import rfa_core as rfa
from rfa_core.receptive.layers import Extent, Layer
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import Verdict, judge
from rfa_core.report.json_report import call_object

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


def test_an_arrow_key_moves_the_slider_by_one_pixel(shown: Open) -> None:
    with shown(checked(residual())) as page:
        resize(page, "32")
        page.focus("#slider")
        said = []
        for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "ArrowDown"):
            page.keyboard.press(key)
            said.append(page.input_value("#pixels"))

        assert said == ["33", "34", "33", "32", "31"]


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


def test_a_size_that_is_none_changes_nothing_and_says_so(shown: Open) -> None:
    with shown(checked(residual())) as page:
        for text in ("", "0", "-3", "64x", "1x2x3", "a", "9999999"):
            resize(page, text)
            assert page.get_attribute("#pixels", "aria-invalid") == "true", text
        found = page.evaluate(IN_TABLE)
        page.locator("#pixels").blur()

        assert page.input_value("#pixels") == "64"
    assert found == verdicts(residual(), "64")
