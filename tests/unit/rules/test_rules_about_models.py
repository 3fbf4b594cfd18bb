"""What is said of whole models: that they do not run, have no verdict, or are only bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rfa_core.findings import JudgedLayer, Unsupported
from rfa_core.graph.model import Location
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules import RULES, Subject, find
from rfa_core.rules.unbuildable_model import UnbuildableModel

MakeLayer = Callable[..., JudgedLayer]
MakeSubject = Callable[..., Subject]


@pytest.mark.parametrize(
    ("why", "message", "advice"),
    [
        (
            Unsupported("pool", "its window of 2x2 does not fit a map of 1x1", (32, 32)),
            "the model cannot run at 16 px, it stops at pool: its window of 2x2 does not fit a map "
            "of 1x1; the nearest resolution that works is 32 px (footprints traced at 32 px are "
            "judged all the same)",
            "check it at 32 px, or down-sample less before pool",
        ),
        (
            Unsupported("proj", "it wants 224 px", (224, 224), fixed=True),
            "the model takes one input size only and cannot run at 16 px, it stops at proj: it "
            "wants 224 px; the nearest resolution that works is 224 px (footprints traced at 32 px "
            "are judged all the same)",
            "check it at 224 px, or build the model for the resolution you use: `kwargs` of its "
            "entry in `factories`",
        ),
        (
            Unsupported("", "the forward pass raises"),
            "the model cannot run at 16 px: the forward pass raises (footprints traced at 32 px "
            "are judged all the same)",
            "check it at another size, or down-sample less",
        ),
    ],
)
def test_an_unsupported_resolution_names_the_layer_and_the_nearest_that_works(
    why: Unsupported,
    message: str,
    advice: str,
    make_layer: MakeLayer,
    make_subject: MakeSubject,
) -> None:
    pool = make_layer("pool", Verdict.NOT_JUDGED, (6,))
    subject = make_subject(pool, resolution=(16, 16), traced_at=(32, 32), unsupported=why)

    (finding,) = find(subject, [RULES["RFA201"]])

    assert (finding.message, finding.help) == (message, advice)
    assert finding.line == (6 if why.layer == "pool" else 3)
    assert finding.layers == ((why.layer,) if why.layer else ())


def test_a_model_that_runs_has_no_unsupported_resolution(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    assert list(find(make_subject(make_layer("a")), [RULES["RFA201"]])) == []


@pytest.mark.parametrize(
    ("status", "code"),
    [("unimportable", "RFA901"), ("unbuildable", "RFA902"), ("untraceable", "RFA903")],
)
def test_a_model_without_a_verdict_has_one_finding_with_its_error(
    status: str, code: str, make_subject: MakeSubject
) -> None:
    subject = make_subject(status=status, error="no module named timm")

    findings = find(subject, RULES.values())

    assert [(one.code, one.message, one.line) for one in findings] == [
        (code, "no module named timm", 3)
    ]


def test_a_model_without_a_verdict_is_advised_by_its_error_or_else_by_the_rule(
    make_subject: MakeSubject,
) -> None:
    silent = make_subject(status="unbuildable")
    telling = replace(silent, model=replace(silent.model, error="no", hint="give it a width"))

    found = [finding for one in (silent, telling) for finding in find(one, [RULES["RFA902"]])]

    assert [(one.message, one.help) for one in found] == [
        ("the model is unbuildable", UnbuildableModel.advice),
        ("no", "give it a width"),
    ]


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"lines": (5, 6), "called": Location("/project/m.py", 20, 5)}, 20),
        ({"lines": (5, 6)}, 6),
        ({}, 3),
    ],
    ids=["called", "constructed", "neither"],
)
def test_an_inexact_layer_is_told_where_it_is_called_or_else_built(
    facts: dict[str, object], line: int, make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    layer = make_layer("a", inexact=("topk picks",), causes_inexact=True, **facts)

    (finding,) = find(make_subject(layer), [RULES["RFA904"]])

    assert finding.line == line


def test_inexact_layers_are_named_once_where_it_began_with_the_reason(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    call = Location("/project/m.py", 20, 5)
    inexact = {"inexact": ("grid_sample reads anywhere",), "called": call}
    layers = [
        make_layer("a", causes_inexact=True, **inexact),
        make_layer("b", causes_inexact=True, **inexact),
        make_layer("c", **inexact),
    ]
    subject = make_subject(*layers)
    model = subject.model
    twice = replace(subject, model=replace(model, resolutions=model.resolutions * 2))

    (finding,) = find(twice, [RULES["RFA904"]])

    assert finding.message == (
        "the footprint of a and 1 more is only a bound: grid_sample reads anywhere"
    )
    assert (finding.layers, finding.line, finding.resolution) == (("a", "b"), 20, None)


def test_a_forward_pass_that_was_not_followed_to_the_end_is_told(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    subject = make_subject(make_layer("a"))
    part = replace(subject.model, stopped="rpn: data decide what nonzero returns")

    (finding,) = find(replace(subject, model=part), [RULES["RFA904"]])

    assert finding.message == "recording stopped in rpn: data decide what nonzero returns"
    assert finding.layers == ()
