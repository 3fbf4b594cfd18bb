"""The steps of ``action.yml``, run by bash with the environment that GitHub sets."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from projects import python

STEM = "tiny_images.models:resnet18_imagenet_stem"
REPAIRED = "tiny_images.models:resnet18_small_stem"
NETWORK = """\
{"version": 1, "name": "net", "axes": 2, "layers": [
  {"name": "input", "type": "input", "channels": 3},
  {"name": "a", "type": "conv", "after": ["input"], "filters": 4, "kernel": 9},
  {"name": "b", "type": "conv", "after": ["a"], "filters": 4, "kernel": 9},
  {"name": "c", "type": "conv", "after": ["b"], "filters": 4, "kernel": 9}
]}
"""
HOSTILE = (
    "models:net; touch canary",
    "$(touch canary)",
    "`touch canary`",
    "models:net' ; touch canary ; '",
    'models:net" ; touch canary ; "',
    "models:net && touch canary",
    "models:net | touch canary",
    "models:net\ntouch canary",
    "${{ github.token }}",
    "--config=canary",
    "*",
)


@dataclass
class Run:
    """What GitHub would know after the action has run."""

    exit_code: int
    log: str
    summary: str
    outputs: dict[str, str]

    @property
    def annotations(self) -> list[str]:
        return [line for line in self.log.splitlines() if line.startswith("::")]


Action = Callable[..., Run]


@pytest.fixture
def action(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Action:
    """Run the action on a copy of the example, with these inputs."""
    workspace = tmp_path / "workspace"
    shutil.copytree(checkout / "examples/tiny_images", workspace)
    monkeypatch.chdir(workspace)

    def run(**inputs: str) -> Run:
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        return _run(checkout, tmp_path, workspace, {"python": sys.executable, **given})

    return run


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("github-actions", "action.yml"),
        ("github-workflows", ".github/workflows/ci.yml"),
        ("github-workflows", ".github/workflows/release.yml"),
    ],
)
def test_the_file_follows_the_official_schema(checkout: Path, schema: str, file: str) -> None:
    command = ("check_jsonschema", "--builtin-schema", f"vendor.{schema}", file)

    result = python(checkout, "-m", *command)

    assert (result.returncode, result.stderr) == (0, "")


def test_no_script_has_an_expression_pasted_into_it(checkout: Path) -> None:
    scripts = _scripts(checkout)

    assert [script for script in scripts if "${{" in script] == []


def test_no_step_installs_a_framework(checkout: Path) -> None:
    scripts = "".join(_scripts(checkout))

    assert re.findall(r"pip install.*", scripts) == [
        'pip install --disable-pip-version-check "$GITHUB_ACTION_PATH"'
    ]


@pytest.mark.torch
def test_findings_are_annotated_summed_up_counted_and_fail(action: Action) -> None:
    run = action(targets=STEM, resolutions="64")

    assert run.exit_code == 1
    errors = [line for line in run.annotations if line.startswith("::error ")]
    assert len(errors) == 1
    assert errors[0].startswith("::error file=src/tiny_images/models.py,line=")
    assert "title=RFA101 unproductive-layer" in errors[0]
    assert run.summary.startswith("## Receptive fields\n")
    assert STEM in run.summary
    report = json.loads(Path("rfa-report.json").read_text())
    assert run.outputs == {
        "exit-code": "1",
        "errors": "1",
        "findings": str(report["summary"]["findings"]),
        "report": "rfa-report.json",
    }


@pytest.mark.torch
def test_a_repaired_model_passes(action: Action) -> None:
    run = action(targets=REPAIRED, resolutions="64, 32", report="out/rfa.json")

    assert run.exit_code == 0
    assert run.outputs["errors"] == "0"
    assert run.outputs["report"] == "out/rfa.json"
    report = json.loads(Path("out/rfa.json").read_text())
    assert [at["resolution"] for at in report["models"][0]["resolutions"]] == [[64, 64], [32, 32]]


@pytest.mark.torch
def test_without_inputs_the_configuration_decides(action: Action) -> None:
    run = action()

    assert run.exit_code == 1
    assert STEM in run.summary
    assert REPAIRED in run.summary


@pytest.mark.torch
def test_options_reach_the_command(action: Action) -> None:
    run = action(fail_on="never", args="--select=RFA102\n--severity=RFA102=info\n")

    assert run.exit_code == 0
    assert run.outputs["errors"] == "0"
    assert {line.split(" ")[0] for line in run.annotations} == {"::notice"}


@pytest.mark.torch
def test_several_targets_stand_on_a_line_each(action: Action) -> None:
    run = action(targets=f"{STEM}\r\n\n{REPAIRED}\n", resolutions="64")

    report = json.loads(Path("rfa-report.json").read_text())
    assert [model["name"] for model in report["models"]] == [STEM, REPAIRED]
    assert run.exit_code == 1


def test_sarif_is_written_and_handed_to_the_upload_only_if_it_is_asked_for(
    action: Action, checkout: Path
) -> None:
    Path("net.rfa.json").write_text(NETWORK)

    without = action(targets="net.rfa.json", resolutions="8")
    run = action(targets="net.rfa.json", resolutions="8", sarif="out/rfa.sarif")

    assert "sarif" not in without.outputs
    assert run.outputs["sarif"] == str(Path("out/rfa.sarif").resolve())
    log = json.loads(Path("out/rfa.sarif").read_text())
    assert len(log["runs"][0]["results"]) == int(run.outputs["findings"]) > 0
    steps = _load(checkout)["runs"]["steps"]
    (upload,) = [step for step in steps if "upload-sarif" in step.get("uses", "")]
    assert upload["if"] == "${{ steps.check.outputs.sarif }}"


def test_what_the_cache_step_keeps_is_what_the_check_wrote(action: Action, checkout: Path) -> None:
    Path("net.rfa.json").write_text(NETWORK)
    (cache,) = [one for one in _load(checkout)["runs"]["steps"] if "cache@" in one.get("uses", "")]

    action(targets="net.rfa.json", resolutions="8")

    assert cache["with"]["path"] == "${{ inputs.working-directory }}/.rfa_cache"
    assert list(Path(".rfa_cache/models").iterdir())


def test_the_text_the_annotations_and_the_summary_appear_once(action: Action) -> None:
    Path("net.rfa.json").write_text(NETWORK)

    run = action(targets="net.rfa.json", resolutions="8")

    found = int(run.outputs["findings"])
    assert len(run.annotations) == found
    assert run.log.count("Checked 1 model at 8 px") == 1
    assert run.summary.count("## Receptive fields") == 1
    assert run.summary.count("```mermaid") == 1


def test_no_verdict_is_an_error_with_an_annotation(action: Action) -> None:
    Path("rfa-report.json").write_text("left over")

    run = action(targets="tiny_images.models:resnet", resolutions="64")

    assert run.exit_code == 2
    assert run.outputs == {"exit-code": "2"}
    assert run.annotations == [
        "::error title=rfa::no verdict (exit code 2), the log of this step says why"
    ]
    assert "did you mean" in run.log


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_target_executes_nothing(action: Action, value: str) -> None:
    run = action(targets=value)

    assert run.exit_code == 2
    assert not Path("canary").exists()
    assert run.outputs == {"exit-code": "2"}


@pytest.mark.parametrize("name", ["resolutions", "fail_on", "config", "args", "working_directory"])
@pytest.mark.parametrize("value", ["; touch canary", "$(touch canary)", "' \" `touch canary`"])
def test_any_other_hostile_input_executes_nothing(action: Action, name: str, value: str) -> None:
    if name == "working_directory":
        Path(value).mkdir(parents=True)

    run = action(**{"targets": "nothing:at_all", name: value})

    assert run.exit_code == 2
    assert not Path("canary").exists()
    assert run.outputs == {"exit-code": "2"}


@pytest.mark.parametrize("value", ["$(touch canary).json", "a;touch canary", "x\nerrors=0"])
def test_a_hostile_report_path_is_a_path(action: Action, value: str) -> None:
    run = action(targets="nothing:at_all", report=value)

    assert run.exit_code == 2
    assert not Path("canary").exists()
    assert run.outputs == {"exit-code": "2"}


def _scripts(checkout: Path) -> list[str]:
    return [step["run"] for step in _load(checkout)["runs"]["steps"] if "run" in step]


def _load(checkout: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((checkout / "action.yml").read_text("utf-8"))
    return document


def _run(checkout: Path, scratch: Path, workspace: Path, given: Mapping[str, str]) -> Run:
    document = _load(checkout)
    values = {
        f"inputs.{name}": given.get(name, entry["default"])
        for name, entry in document["inputs"].items()
    }
    files = {name: scratch / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    log = ""
    for step in (one for one in document["runs"]["steps"] if "run" in one):
        for file in files.values():
            file.touch()
        environment = {
            **os.environ,
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_ACTION_PATH": str(checkout),
            **{name: str(file) for name, file in files.items()},
            **{name: _evaluate(text, values) for name, text in step.get("env", {}).items()},
        }
        script = scratch / "step.sh"
        script.write_text(step["run"])
        folder = workspace / _evaluate(step.get("working-directory", "."), values)
        result = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        log += result.stdout
        outputs = dict(
            line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines()
        )
        values |= {f"steps.{step.get('id')}.outputs.{name}": outputs[name] for name in outputs}
        if result.returncode:
            break
    return Run(result.returncode, log, files["GITHUB_STEP_SUMMARY"].read_text(), outputs)


def _evaluate(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda match: values[match[1]], text)
