"""What the rules about verdicts say, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rfa_core.findings import Finding, JudgedLayer, Repair, Severity, Waste
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules import RULES, Subject, find
from rfa_core.rules.base import fingerprint

MakeLayer = Callable[..., JudgedLayer]
MakeSubject = Callable[..., Subject]


def test_one_unproductive_layer_is_named_with_its_numbers_and_what_to_do(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    stem = make_layer("conv1", lines=(5,), stride=(2, 2), parameters=300)
    bad = make_layer("layer4.conv2", Verdict.UNPRODUCTIVE, (6,), seen=(75, 75))

    findings = _find("RFA101", make_subject(stem, bad))

    assert findings == [
        Finding(
            code="RFA101",
            name="unproductive-layer",
            severity=Severity.ERROR,
            model="m:net",
            message="layer4.conv2 is past the border at 64 px: its input already sees 75 px, all "
            "of the image; it is the border layer; 25 % of the parameters and 50 % of the "
            "multiply-accumulates are dead weight",
            help="let the footprint grow later (lower the stride of conv1), or drop this layer, or "
            "use images of at least 76 px: from there on no layer is unproductive",
            resolution=(64, 64),
            layers=("layer4.conv2",),
            file="m.py",
            line=6,
            column=9,
            end_line=6,
            waste=Waste(0.25, 0.5),
            fingerprint=fingerprint("RFA101", "m:net", (64, 64), ["layer4.conv2"]),
            url="https://github.com/pytest-rfa/pytest-rfa/blob/main/docs/rules/"
            "unproductive-layer.md",
        )
    ]


@pytest.mark.parametrize(
    ("repair", "start"),
    [
        (
            Repair(("conv1", "short"), "stride=2", "stride=1", "m.py", 5, 3, 1, 2.417),
            "try stride=2 -> stride=1 of conv1 and short (m.py:5): 3 -> 1 unproductive, MACs x2.4",
        ),
        (
            Repair(("pool",), "", "", None, None, 1, 0, 11.63),
            "try without pool: 1 -> 0 unproductive, MACs x12",
        ),
    ],
    ids=["an argument", "a layer"],
)
def test_a_repair_that_is_known_takes_the_place_of_what_may_help(
    make_layer: MakeLayer, make_subject: MakeSubject, repair: Repair, start: str
) -> None:
    stem = make_layer("conv1", lines=(5,), stride=(2, 2))
    bad = make_layer("layer4.conv2", Verdict.UNPRODUCTIVE, (6,), seen=(75, 75))

    (finding,) = _find("RFA101", make_subject(stem, bad, repair=repair))

    assert finding.help == (
        f"{start} (`rfa suggest` lists more); or drop this layer, or use images of at least 76 px: "
        "from there on no layer is unproductive"
    )


def test_the_first_two_layers_with_a_stride_are_those_to_lower_it_in(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    strides = {"a": (1, 1), "b": (1, 2), "c": (1, 1), "d": (2, 1), "e": (2, 2)}
    early = [make_layer(name, stride=stride) for name, stride in strides.items()]
    bad = make_layer("last", Verdict.UNPRODUCTIVE, (6,), seen=(75, 75))

    (finding,) = _find("RFA101", make_subject(*early, bad))

    assert "(lower the stride of b or d)" in finding.help


def test_a_stride_along_an_axis_of_another_input_is_not_to_blame(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    image = make_layer("image", seen=(3, 3, 0), out=(7, 7, 0), stride=(2, 2, 2))
    sound = make_layer("sound", seen=(0, 0, 3), out=(0, 0, 5), stride=(1, 1, 2))
    bad = make_layer("last", Verdict.UNPRODUCTIVE, seen=(0, 0, 70), out=(0, 0, 80))

    (finding,) = _find("RFA101", make_subject(image, sound, bad, resolution=(64, 64, 64)))

    assert "(lower the stride of sound)" in finding.help


def test_unproductive_layers_of_one_line_are_one_finding(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    bad = [
        make_layer(f"{number}", Verdict.UNPRODUCTIVE, (6,), seen=(75, seen), stride=(2, 2))
        for number, seen in enumerate((90, 88, 89))
    ]

    (finding,) = _find("RFA101", make_subject(*bad, resolution=(64, 80), minimum=(None, None)))

    assert finding.message == (
        "3 layers built here are past the border at 64x80 px: layer 1 already receives 75x88 px, "
        "all of the image, and so do 2 more; the border is at layer 0; 100 % of the parameters "
        "and 100 % of the multiply-accumulates are dead weight"
    )
    assert finding.help == "let the footprint grow later, or drop these layers"


def test_a_stride_that_is_undone_later_is_not_lowered_alone(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    down = make_layer("down", lines=(5,), stride=(2, 2))
    bad = make_layer("bad", Verdict.UNPRODUCTIVE, (6,), seen=(75, 75))
    up = make_layer("up", lines=(7,), input_feature_map=(4, 4), feature_map=(8, 8))

    (finding,) = _find("RFA101", make_subject(down, bad, up))

    assert finding.help == (
        "let the footprint grow later (lower the stride of down, and the up-sampling that undoes "
        "it), or drop this layer, or use images of at least 76 px: from there on no layer is "
        "unproductive"
    )


@pytest.mark.parametrize("code", ["RFA101", "RFA102"])
def test_the_strides_to_lower_are_those_before_the_first_layer_that_is_reported(
    code: str, make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    verdict = RULES[code].verdict  # type: ignore[attr-defined]
    stem = make_layer("stem", lines=(5,), stride=(2, 2))
    bad = [make_layer(name, verdict, (6,), seen=(75, 75), stride=(2, 2)) for name in "ab"]

    (finding,) = _find(code, make_subject(stem, *bad))

    assert "(lower the stride of stem)" in finding.help


@pytest.mark.parametrize(
    ("ties", "words"),
    [
        ([False, False], ""),
        ([True, False], '; a tie decides for 1 layer (tie = "productive" lets it pass)'),
        ([True], '; a tie decides (tie = "productive" lets it pass)'),
    ],
)
def test_an_unproductive_layer_that_a_tie_decides_says_so(
    ties: list[bool], words: str, make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    bad = [
        make_layer(f"conv{index}", Verdict.UNPRODUCTIVE, (6,), seen=(64, 64), tie=tie)
        for index, tie in enumerate(ties)
    ]

    (finding,) = _find("RFA101", make_subject(*bad))

    assert words in finding.message
    assert ("tie" in finding.message) is any(ties)


def test_layers_without_a_line_of_their_own_point_at_the_factory(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    good = make_layer("a", lines=(6,))
    bad = [make_layer(name, Verdict.UNPRODUCTIVE, (6,), seen=(99, 99)) for name in "bc"]

    (finding,) = _find("RFA101", make_subject(good, *bad))

    assert (finding.file, finding.line, finding.column) == ("m.py", 3, 1)
    assert finding.message.startswith("2 layers are past the border")
    assert finding.help.endswith("; m.py:6 builds these layers, but others as well")


def test_of_the_lines_that_built_layers_among_others_three_are_named(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    lines = [line for line in range(11, 16) for _ in range(2)]
    layers = [
        make_layer(f"{number}", (Verdict.PRODUCTIVE, Verdict.CRITICAL)[number % 2], (line, 20))
        for number, line in enumerate(lines)
    ]

    (finding,) = _find("RFA103", make_subject(*layers))

    assert finding.help.endswith(
        "; m.py:11, m.py:12, m.py:13 and 2 more build these layers, but others as well"
    )


def test_layers_that_cost_nothing_waste_nothing(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    pool = make_layer("pool", Verdict.UNPRODUCTIVE, (6,), parameters=0, macs=0)

    (finding,) = _find("RFA101", make_subject(pool))

    assert finding.waste == Waste(0.0, 0.0)


def test_a_model_outside_the_project_has_findings_without_a_file(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    subject = make_subject(make_layer("a", Verdict.CRITICAL))
    subject = replace(subject, model=replace(subject.model, file=None, line=None))

    (finding,) = _find("RFA103", subject)

    assert (finding.file, finding.line, finding.column, finding.end_line) == (None,) * 4


@pytest.mark.parametrize(
    ("verdict", "code", "messages"),
    [
        (
            Verdict.FULL_KERNEL,
            "RFA102",
            (
                "a is a dense layer in disguise at 64 px: its kernel of 3x3 covers the whole map "
                "of 2x2 it gets (100 % of the parameters and 100 % of the multiply-accumulates)",
                "2 layers built here are dense layers in disguise at 64 px: the kernel of 3x3 of "
                "a covers the whole map of 2x2 it gets (100 % of the parameters and 100 % of the "
                "multiply-accumulates)",
            ),
        ),
        (
            Verdict.CRITICAL,
            "RFA103",
            (
                "a passes the image size at 64 px: it receives 43 px and sees 75 px",
                "2 layers built here pass the image size at 64 px: a receives 43 px and sees 75 px",
            ),
        ),
        (
            Verdict.PARTIAL,
            "RFA104",
            (
                "a passes the image on some axes only at 64 px: it sees 75 of 64 px in height and "
                "75 of 64 px in width (100 % of the parameters and 100 % of the "
                "multiply-accumulates)",
                "2 layers built here pass the image on some axes only at 64 px: a sees 75 of 64 px "
                "in height and 75 of 64 px in width (100 % of the parameters and 100 % of the "
                "multiply-accumulates)",
            ),
        ),
    ],
)
def test_the_other_verdicts_are_said_for_one_layer_and_for_several(
    verdict: Verdict,
    code: str,
    messages: tuple[str, str],
    make_layer: MakeLayer,
    make_subject: MakeSubject,
) -> None:
    layers = [make_layer(name, verdict, (6,)) for name in "ab"]

    found = [_find(code, make_subject(*layers[:number]))[0].message for number in (1, 2)]

    assert found == list(messages)


def test_the_strict_rule_says_where_the_other_one_would_find_an_unproductive_layer(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    tie = make_layer("a", Verdict.CRITICAL, (6,), seen=(64, 64), tie=True)

    (finding,) = _find("RFA103", make_subject(tie))

    assert finding.message.endswith(
        'sees 75 px; a tie decides (tie = "unproductive" would count it as past the border)'
    )


@pytest.mark.parametrize(
    ("resolution", "out", "words", "advice"),
    [
        ((64, 128), (75, 75), "75 of 64 px in height (", "strides in height than"),
        ((128, 64), (75, 75), "75 of 64 px in width (", "strides in width than"),
        (
            (8, 64, 100),
            (9, 75, 75),
            "9 of 8 px in depth and 75 of 64 px in height (",
            "strides in depth and height than",
        ),
        ((8, 64, 99, 99), (9, 7, 7, 7), "9 of 8 px in axis 0 (", "strides in axis 0 than"),
    ],
)
def test_a_partially_unproductive_layer_names_its_axes(
    resolution: tuple[int, ...],
    out: tuple[int, ...],
    words: str,
    advice: str,
    make_layer: MakeLayer,
    make_subject: MakeSubject,
) -> None:
    layer = make_layer("a", Verdict.PARTIAL, (6,), seen=(1,) * len(out), out=out)

    (finding,) = _find("RFA104", make_subject(layer, resolution=resolution))

    assert words in finding.message
    assert advice in finding.help


def test_each_axis_is_named_of_layers_that_are_partial_on_different_ones(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    layers = [
        make_layer(name, Verdict.PARTIAL, (6,), seen=(1, 1, 1), out=out)
        for name, out in (("a", (9, 7, 7)), ("b", (9, 75, 7)), ("c", (9, 75, 9)))
    ]

    (finding,) = _find("RFA104", make_subject(*layers, resolution=(8, 64, 100)))

    assert finding.help.startswith(
        "use smaller kernels or strides than on the other axes: in depth for a and in depth and "
        "height for b and 1 more"
    )


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        (None, None),
        (0.5, None),
        (
            0.49,
            "50 % of the parameters sit in 1 unproductive layer at 64 px; the budget allows 49 %",
        ),
        (0.0, "50 % of the parameters sit in 1 unproductive layer at 64 px; the budget allows 0 %"),
    ],
)
def test_the_budget_counts_only_if_it_is_set_and_only_beyond_it(
    budget: float | None,
    message: str | None,
    make_layer: MakeLayer,
    make_subject: MakeSubject,
) -> None:
    layers = [make_layer("a"), make_layer("b", Verdict.UNPRODUCTIVE, (6,))]

    findings = _find("RFA105", make_subject(*layers, budget=budget))

    assert [finding.message for finding in findings] == ([message] if message else [])


def test_a_critical_layer_whose_kernel_covers_its_map_is_a_dense_layer_in_disguise_too(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    covering = make_layer("a", Verdict.CRITICAL, input_feature_map=(3, 2))
    subject = make_subject(covering, make_layer("b", Verdict.CRITICAL))

    found = _find("RFA102", subject)

    assert [finding.layers for finding in found] == [("a",)]


def test_a_map_that_does_not_run_along_an_axis_has_one_position_there(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    covering = make_layer("a", Verdict.FULL_KERNEL, kernel=(3, 1), input_feature_map=(2, None))

    (finding,) = _find("RFA102", make_subject(covering))

    assert "its kernel of 3x1 covers the whole map of 2x1 it gets" in finding.message


def _find(code: str, subject: Subject) -> list[Finding]:
    return list(find(subject, [RULES[code]]))
