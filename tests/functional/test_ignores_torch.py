"""Comments that silence rules, from the source to every report."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import projects
import pytest

pytestmark = pytest.mark.torch

MODELS = """\
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(8, 8, 9, padding=4)
        self.two = nn.Conv2d(
            8,
            8,
            kernel_size=(9, 9),  # rfa: ignore[RFA101] to be trained elsewhere
            padding=4,
        )

    def forward(self, x):
        return self.two(self.one(x))


class Net(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)  # rfa: ignore[RFA101, RFA102] not needed
        self.body = nn.Sequential(*[Block() for _ in range(depth)])
        # rfa: ignore[RFA103]

    def forward(self, x):
        return self.body(self.stem(x))


def deep():
    return Net(5)


def deeper():  # rfa: ignore[RFA101, RFA103] as published
    return Net(9)


def shallow():  # rfa: ignore
    return Net(1)


def broken():  # rfa: ignore[RFA902, RFA101] needs a GPU
    raise RuntimeError("no GPU")


def forgotten(argument):  # rfa: ignore[RFA101] is not checked, who knows
    return Net(argument)
"""
DEEP = (
    "src/acme/models.py:30:1: RFA101 acme.models:deep: {} layers are past the border at 32 px: "
    "body.2.one, the border layer, already receives 35 px, all of the image, and so do {} more; "
    "{} % of the parameters and {} % of the multiply-accumulates are dead weight"
)
CRITICAL = (
    "RFA103 acme.models:{}: body.1.two passes the image size at 32 px: it receives 27 px and sees "
    "35 px"
)
BLIND = (
    "src/acme/models.py:38:1: RFA202 acme.models:shallow: no layer sees the whole image at 32 px: "
    "the widest footprint is that of body.0.two, 19 px"
)
NOTHING = "this ignore suppresses nothing:"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    configuration = '[tool.rfa]\nresolutions = [32]\npaths = ["src"]\nexclude = ["broken.py"]\n'
    files = {
        "pyproject.toml": configuration,
        "src/acme/__init__.py": "",
        "src/acme/models.py": MODELS.replace("def broken", "def _broken"),
    }
    return projects.written(tmp_path, files)


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return projects.rfa(folder, "check", "--output-format", "concise", *arguments)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_layers_leave_their_groups_and_what_suppresses_nothing_is_said(
    project: Path, jobs: str
) -> None:
    result = check(project, "-n", jobs)

    assert result.stdout.splitlines() == [
        DEEP.format(3, 2, 30, 30),
        f"src/acme/models.py:30:1: {CRITICAL.format('deep')}",
        BLIND,
        f"src/acme/models.py:22:52: RFA910 acme.models:deep: {NOTHING} RFA101 and RFA102 have "
        "nothing to say about what is built or called here",
        f"src/acme/models.py:24:9: RFA910 acme.models:deep: {NOTHING} it stands on a line of its "
        "own",
        f"src/acme/models.py:38:17: RFA910 acme.models:shallow: {NOTHING} it names no rule",
        "Checked 3 models at 32 px: 1 error, 3 warnings, 2 infos",
    ]
    assert (result.returncode, result.stderr) == (1, "")


def test_no_ignores_reports_everything_and_judges_no_comments(project: Path) -> None:
    result = check(project, "--no-ignores", "--ignore", "RFA202")

    assert result.stdout.splitlines() == [
        DEEP.format(6, 5, 60, 60),
        f"src/acme/models.py:30:1: {CRITICAL.format('deep')}",
        DEEP.format(14, 13, 78, 78).replace(":30:", ":34:").replace(":deep:", ":deeper:"),
        f"src/acme/models.py:34:1: {CRITICAL.format('deeper')}",
        "Checked 3 models at 32 px: 2 errors, 2 infos",
    ]


def test_of_rules_that_are_not_run_nobody_knows_whether_they_are_needed(project: Path) -> None:
    result = check(project, "--select", "RFA102,RFA910", "acme.models:deep")

    assert result.stdout.splitlines() == [
        f"src/acme/models.py:22:52: RFA910 acme.models:deep: {NOTHING} RFA102 has nothing to say "
        "about what is built or called here",
        f"src/acme/models.py:24:9: RFA910 acme.models:deep: {NOTHING} it stands on a line of its "
        "own",
        "Checked 1 model at 32 px: 2 warnings",
    ]


def test_a_model_without_a_verdict_stays_one_and_its_file_is_left_alone(project: Path) -> None:
    (project / "src/acme/models.py").write_text(MODELS, encoding="utf-8")

    result = check(project, "acme.models:deeper", "acme.models:broken")

    assert result.returncode == 2
    assert (
        result.stdout == "Checked 1 of 2 models at 32 px: no findings besides 3 that are accepted\n"
    )
    assert result.stderr.startswith("rfa: acme.models:broken has no verdict: ")


def test_what_is_suppressed_is_counted(project: Path) -> None:
    full = check(project, "--output-format", "full", "-v", "acme.models:deeper")
    report = json.loads(check(project, "--output-format", "json", "acme.models:deep").stdout)

    assert "\nNot reported: 2 findings for comments in source\n" in full.stdout
    assert report["summary"]["suppressed"] == 1
    assert report["findings"][0]["layers"] == ["body.2.one", "body.3.one", "body.4.one"]


def test_models_have_ignores_of_their_own_and_rules_severities(project: Path) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write(
            '[tool.rfa.severity]\nRFA910 = "info"\n'
            '[tool.rfa.per-model-ignores]\n"acme.models:deep" = ["RFA101"]\n"*" = ["RFA202"]\n'
        )

    configured = check(project)
    stricter = check(project, "--severity", "RFA910=error")

    assert (configured.returncode, stricter.returncode) == (0, 1)
    assert [line.split(": ")[1] for line in configured.stdout.splitlines()[:-1]] == [
        "RFA103 acme.models:deep",
        "RFA910 acme.models:deep",
        "RFA910 acme.models:deep",
        "RFA910 acme.models:shallow",
    ]
    assert configured.stdout.splitlines()[-1] == "Checked 3 models at 32 px: 4 infos"
    assert stricter.stdout.splitlines()[-1] == "Checked 3 models at 32 px: 3 errors, 1 info"
