"""All of torchvision's classifiers in one run, and the two ways of the engine compared."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rfa_core.api import check
from rfa_core.config.settings import Settings
from rfa_core.findings import ModelReport, Report
from rfa_core.receptive.resolution import Resolution
from rfa_core.report import render

pytest.importorskip("torchvision")

pytestmark = [pytest.mark.torch, pytest.mark.zoo]

RESOLUTIONS = (224, 64, 32)


@pytest.fixture(scope="module")
def report() -> Report:
    """The 80 classifiers at three resolutions."""
    sizes = tuple(Resolution((size,)) for size in RESOLUTIONS)
    return check(["torchvision:*"], Settings(root=str(Path.cwd()), resolutions=sizes))


def test_every_classifier_is_analysed(report: Report) -> None:
    failed = {model.name: model.error for model in report.models if model.status != "analysed"}

    assert failed == {}
    assert len(report.models) == 80


def test_nothing_is_approximated(report: Report) -> None:
    inexact = {
        (model.name, judged.layer.name): judged.layer.inexact
        for model in report.models
        for at in model.resolutions
        for judged in at.layers
        if not judged.layer.exact
    }

    assert inexact == {}


def test_every_classifier_is_judged_at_every_resolution(report: Report) -> None:
    asked = [(size, size) for size in RESOLUTIONS]

    judged = {model.name: [at.resolution for at in model.resolutions] for model in report.models}

    assert judged == dict.fromkeys(judged, asked)


def test_models_that_cannot_run_at_a_size_name_one_at_which_they_can(report: Report) -> None:
    works_at = {
        model.name.removeprefix("torchvision:"): at.unsupported.works_at[0]
        for model in report.models
        for at in model.resolutions
        if at.unsupported is not None and at.resolution == (32, 32)
    }

    assert works_at == {
        "alexnet": 63,
        "inception_v3": 75,
        "maxvit_t": 224,
        "vit_b_16": 224,
        "vit_b_32": 224,
        "vit_h_14": 224,
        "vit_l_16": 224,
        "vit_l_32": 224,
    }


def test_the_report_follows_its_schema(report: Report) -> None:
    schema = resources.files("rfa_core.report") / "schema" / "report-v1.schema.json"

    document = json.loads(render("json", report))

    for at in [at for model in document["models"] for at in model["resolutions"]]:
        at["layers"] = at["layers"][::25]
    jsonschema.validate(document, json.loads(schema.read_text()))


@pytest.mark.parametrize(
    "name",
    ["resnet18", "vgg11", "densenet121", "googlenet", "shufflenet_v2_x0_5", "mobilenet_v3_small"],
)
def test_arrays_give_the_same_layers_as_lines(
    name: str, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    affine = next(model for model in report.models if model.name == f"torchvision:{name}")
    monkeypatch.setattr("rfa_core.receptive.affine.transfer", lambda *_: None)
    monkeypatch.setattr("rfa_core.receptive.tabular.simplified", lambda table: table)

    settings = Settings(root=str(Path.cwd()), resolutions=(Resolution((224,)),))
    general = check([f"torchvision:{name}"], settings).models[0]

    assert _layers(general) == _layers(affine)


def _layers(model: ModelReport) -> list[Any]:
    return [judged.layer for judged in model.resolutions[0].layers]
