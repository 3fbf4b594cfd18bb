"""What the rules about structure say, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from rfa_core.config.settings import Settings
from rfa_core.findings import Finding, JudgedLayer, Severity
from rfa_core.receptive.facts import (
    Fact,
    Holes,
    Misalignment,
    SkippedPositions,
    UnevenSamples,
    UnreadBorder,
)
from rfa_core.receptive.layers import Extent
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules import RULES, Subject, find, select_rules
from rfa_core.rules.base import fingerprint

MakeLayer = Callable[..., JudgedLayer]
MakeSubject = Callable[..., Subject]

HALF = Fraction(1, 2)


def test_rules_that_are_off_by_default_are_those_that_the_settings_leave_out() -> None:
    selected = select_rules(Settings().select, Settings().ignore)

    assert selected == tuple(rule for rule in RULES.values() if rule.on_by_default)
    assert [rule.code for rule in RULES.values() if not rule.on_by_default] == [
        "RFA203",
        "RFA301",
        "RFA302",
        "RFA303",
        "RFA304",
    ]


@pytest.mark.parametrize(
    ("extend", "codes"),
    [
        (("RFA203",), {"RFA203"}),
        (("RFA3",), {"RFA301", "RFA302", "RFA303", "RFA304"}),
    ],
)
def test_rules_that_are_off_can_be_selected(extend: tuple[str, ...], codes: set[str]) -> None:
    settings = Settings(extend_select=extend)

    rules = select_rules(settings.select, settings.ignore, settings.extend_select)

    assert {rule.code for rule in rules if not rule.on_by_default} == codes


def test_a_finding_about_structure_holds_at_every_resolution(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    skips = SkippedPositions((HALF, HALF), elsewhere=True)
    shortcut = make_layer("down", lines=(6,), kernel=(1, 1), stride=(2, 2), structure=(skips,))
    subject = make_subject(make_layer("conv1", lines=(5,)), shortcut)
    subject = replace(subject, model=replace(subject.model, resolutions=_twice(subject)))

    findings = _find("RFA301", subject)

    assert findings == [
        Finding(
            code="RFA301",
            name="skipped-positions",
            severity=Severity.INFO,
            model="m:net",
            message="down reads 1 of 4 positions of its map (kernel 1x1, stride 2x2); other "
            "layers read the rest",
            help="nothing has to change; averaging before a stride of 1 would use the whole map",
            resolution=None,
            layers=("down",),
            file="m.py",
            line=6,
            column=9,
            end_line=6,
            fingerprint=fingerprint("RFA301", "m:net", None, ["down"]),
            url="https://github.com/pytest-rfa/pytest-rfa/blob/main/docs/rules/"
            "skipped-positions.md",
        )
    ]


def test_of_several_resolutions_the_first_that_has_the_fact_tells_it(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    subject = make_subject(make_layer("c", lines=(6,)))
    (at,) = subject.model.resolutions
    facts = ((), (Holes((3, 3), (5, 5)),), (), (Holes((5, 5), (9, 9)),))
    resolutions = tuple(
        replace(at, resolution=(size, size), layers=(make_layer("c", lines=(6,), structure=own),))
        for size, own in zip((32, 64, 96, 128), facts, strict=True)
    )
    subject = replace(subject, model=replace(subject.model, resolutions=resolutions))

    (finding,) = _find("RFA303", subject)

    assert finding.message.startswith("c reads 3 of the 5 px of its footprint")


def _twice(subject: Subject) -> tuple[object, ...]:
    (at,) = subject.model.resolutions
    bare = tuple(replace(one, layer=replace(one.layer, structure=())) for one in at.layers)
    return (replace(at, resolution=(32, 32), layers=bare), at)


@pytest.mark.parametrize(
    ("code", "facts", "more", "message"),
    [
        (
            "RFA203",
            [UnreadBorder((1, 0))],
            {"input_feature_map": (224, 223)},
            "c0 never reads the last row of its 224x223 map at 64 px",
        ),
        (
            "RFA203",
            [UnreadBorder((1, 6)), UnreadBorder((2, 2))],
            {"input_feature_map": (56, 56)},
            "2 layers built here leave a border unread: c0 never reads the last row and the last "
            "6 columns of its 56x56 map at 64 px",
        ),
        (
            "RFA301",
            [SkippedPositions((HALF, Fraction(1)), True), SkippedPositions((HALF, HALF), False)],
            {"kernel": (3, 3), "stride": (2, 2), "dilation": (2, 2)},
            "2 layers built here skip positions: c1 reads 1 of 4 positions of its map (kernel "
            "3x3, stride 2x2, dilation 2x2); nothing else reads the rest",
        ),
        (
            "RFA302",
            [UnevenSamples(((2, 1), (2, 1)))],
            {"stride": (2, 2)},
            "the outputs of c0 read 1 or 2 inputs in turn (kernel 3x3, stride 2x2)",
        ),
        (
            "RFA302",
            [UnevenSamples(((1,), (1, 1, 0))), UnevenSamples(((2, 1), (2, 1)))],
            {"kernel": (1, 2), "stride": (1, 3), "dilation": (1, 2)},
            "2 layers built here up-sample unevenly: the outputs of c0 read 0 or 1 inputs in "
            "turn in width (kernel 1x2, stride 1x3, dilation 1x2)",
        ),
        (
            "RFA303",
            [Holes((3, 3), (5, 5))],
            {},
            "c0 reads 3 of the 5 px of its footprint, and no later layer fills the holes",
        ),
        (
            "RFA303",
            [Holes((3, 3), (5, 5)), Holes((5, 5), (9, 9))],
            {},
            "2 layers built here leave holes: c1 reads 5 of the 9 px of its footprint, and no "
            "later layer fills the holes",
        ),
        (
            "RFA303",
            [Holes((3, 3), (5, 5)), Holes((5, 5), (9, 9)), Holes((7, 1), (13, 1))],
            {},
            "3 layers built here leave holes: c2 reads 7 of the 13 px in height of its footprint, "
            "and no later layer fills the holes",
        ),
        (
            "RFA304",
            [Misalignment((HALF, Fraction(1)))],
            {},
            "the branches that meet in c0 are centred 0.5 px in height and 1 px in width apart",
        ),
        (
            "RFA304",
            [Misalignment((HALF, Fraction(0))), Misalignment((Fraction(3), Fraction(3)))],
            {},
            "the branches that meet in c1 (and 1 more here) are centred 3 px apart",
        ),
    ],
)
def test_a_fact_is_told_with_its_numbers(
    code: str,
    facts: list[Fact],
    more: dict[str, object],
    message: str,
    make_layer: MakeLayer,
    make_subject: MakeSubject,
) -> None:
    layers = [
        make_layer(f"c{n}", lines=(6,), structure=(fact,), **more) for n, fact in enumerate(facts)
    ]
    other = make_layer("other", lines=(7,), structure=())

    (finding,) = _find(code, make_subject(*layers, other))

    assert finding.message == message
    assert (finding.line, finding.layers) == (6, tuple(one.layer.name for one in layers))


@pytest.mark.parametrize(
    ("rows", "lost"),
    [
        ((3,), "the last 3 positions in axis 0 of its 100 map"),
        ((1, 0, 2), "the last position in depth and the last 2 positions in width of its "
                    "100x100x100 map"),
    ],
)  # fmt: skip
def test_positions_along_other_axes_than_height_and_width_are_told_by_axis(
    rows: tuple[int, ...], lost: str, make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    seen, sizes = (9,) * len(rows), (100,) * len(rows)
    layer = make_layer(
        "c", seen=seen, out=seen, structure=(UnreadBorder(rows),), input_feature_map=sizes
    )

    (finding,) = _find("RFA203", make_subject(layer, resolution=sizes))

    assert finding.message == f"c never reads {lost} at 100 px"


def test_a_line_that_also_built_a_layer_without_the_fact_is_not_to_blame(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    uneven = make_layer("a", lines=(6,), structure=(UnevenSamples(((2, 1), (2, 1))),))
    even = make_layer("b", lines=(6,))

    (finding,) = _find("RFA302", make_subject(uneven, even))

    assert finding.line == 3


@pytest.mark.parametrize("traced_at", [(32, 32), (128, 128)])
def test_borders_are_not_told_of_a_resolution_that_the_model_was_not_traced_at(
    traced_at: tuple[int, ...], make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    layer = make_layer("a", lines=(6,), structure=(UnreadBorder((1, 1)),))

    assert _find("RFA203", make_subject(layer, traced_at=traced_at)) == []


@pytest.mark.parametrize("code", ["RFA203", "RFA301", "RFA302", "RFA303", "RFA304"])
def test_layers_with_nothing_odd_about_them_have_no_finding(
    code: str, make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    assert _find(code, make_subject(make_layer("a"), make_layer("b"))) == []


def test_a_network_in_which_no_layer_sees_the_image_names_the_widest(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    layers = [make_layer("a", out=(15, 15)), make_layer("b", out=(64, 33))]

    (finding,) = _find("RFA202", make_subject(*layers))

    assert finding.message == (
        "no layer sees the whole image at 64 px: the widest footprint is that of b, 64x33 px"
    )
    assert (finding.line, finding.layers, finding.resolution) == (3, ("b",), (64, 64))


@pytest.mark.parametrize(
    "more",
    [
        {"output": Extent((15, 15), (64, 64))},
        {"output": Extent((15, 15), (15, 15), global_context=True)},
        {"output": Extent((None, None), (None, None), global_context=True)},
    ],
    ids=["footprint", "context", "dense"],
)
def test_one_layer_that_sees_the_image_is_enough(
    more: dict[str, object], make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    blind = make_layer("a", out=(15, 15))

    assert _find("RFA202", make_subject(blind, make_layer("b", **more))) == []


def test_only_layers_with_weights_can_see(make_layer: MakeLayer, make_subject: MakeSubject) -> None:
    blind = make_layer("a", out=(15, 15))
    pooled = make_layer("head", Verdict.NOT_JUDGED, out=(64, 64), judgeable="")

    assert len(_find("RFA202", make_subject(blind, pooled))) == 1
    assert _find("RFA202", make_subject(pooled)) == []


def test_a_network_that_ignores_its_input_sees_nothing_unless_recording_stopped(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    ignoring = make_subject(make_layer("a"), layers=())
    stopped = replace(ignoring, model=replace(ignoring.model, stopped="head (net.py:9)"))

    (finding,) = _find("RFA202", ignoring)

    assert finding.message == ("nothing that the model computes at 64 px depends on its input")
    assert (finding.line, finding.layers, finding.resolution) == (3, (), (64, 64))
    assert _find("RFA202", stopped) == []


def _find(code: str, subject: Subject) -> list[Finding]:
    return list(find(subject, [RULES[code]]))


def test_an_axis_of_another_input_does_not_make_a_network_blind(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    axes = (3, 3, 3)
    image = make_layer("image", seen=axes, out=(64, 64, 0))
    sound = make_layer("sound", seen=axes, out=(0, 0, 13))

    at_once = make_subject(image, sound, resolution=(64, 64, 100))
    blind = make_subject(image, sound, resolution=(65, 65, 20))

    assert _find("RFA202", at_once) == []
    (finding,) = _find("RFA202", blind)
    assert finding.layers == ("image",)
