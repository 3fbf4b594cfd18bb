"""The workflows of ``docs/ci.md``: valid for those who read them, with commands that do it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from projects import python, rfa

from rfa_core.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "ci.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```\w+\n(?:#|//) (\S+)\n(.*?)```", PAGE, re.DOTALL))
SCHEMAS = {
    ".gitlab-ci.yml": "gitlab-ci",
    "azure-pipelines.yml": "azure-pipelines",
    ".github/workflows/": "github-workflows",
}
NETWORK = """\
{"version": 1, "name": "net", "axes": 2, "layers": [
  {"name": "input", "type": "input", "channels": 3},
  {"name": "a", "type": "conv", "after": ["input"], "filters": 4, "kernel": 9},
  {"name": "b", "type": "conv", "after": ["a"], "filters": 4, "kernel": 9}
]}
"""


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".yml")])
def test_a_workflow_satisfies_the_schema_of_its_reader(name: str, tmp_path: Path) -> None:
    (schema,) = (schema for start, schema in SCHEMAS.items() if name.startswith(start))
    file = tmp_path / Path(name).name
    file.write_text(FILES[name], encoding="utf-8")

    command = ("check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(file))
    result = python(tmp_path, "-m", *command)

    assert result.returncode == 0, result.stdout


def test_the_inputs_and_outputs_are_those_of_the_action(checkout: Path) -> None:
    action = yaml.safe_load((checkout / "action.yml").read_text(encoding="utf-8"))

    steps = [
        step
        for text in FILES.values()
        if "pytest-rfa/pytest-rfa@" in text
        for job in yaml.safe_load(text)["jobs"].values()
        for step in job["steps"]
        if step.get("uses", "").startswith("pytest-rfa/")
    ]

    given = {name for step in steps for name in step["with"]}
    assert given == {"resolutions", "sarif"}
    assert given <= set(action["inputs"])
    assert set(re.findall(r"steps\.rfa\.outputs\.([\w-]+)", PAGE)) <= set(action["outputs"])


ALL = sorted(set(re.findall(r"rfa check [^'\n]*", "\n".join(FILES.values()))))
COMMANDS = [command for command in ALL if "--report" in command]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_writes_the_files_that_are_read_after_it(command: str, tmp_path: Path) -> None:
    (tmp_path / "net.rfa.json").write_text(NETWORK, encoding="utf-8")
    (tmp_path / "rfa.toml").write_text(
        'resolutions = [8]\nfactories = ["net.rfa.json"]\n', encoding="utf-8"
    )

    result = rfa(tmp_path, *command.split()[1:])

    files = re.findall(r"--report \w+:(\S+)", command)
    assert result.returncode == 1
    assert files
    assert all((tmp_path / file).stat().st_size for file in files)
    assert all(PAGE.count(file) > 1 for file in files)


def test_the_jobs_of_a_matrix_check_every_model_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (job,) = yaml.safe_load(FILES[".github/workflows/zoo.yml"])["jobs"].values()
    (command,) = (command for command in ALL if "--shard" in command)
    names = ["a.rfa.json", "b.rfa.json", "c.rfa.json"]
    for name in names:
        (tmp_path / name).write_text(NETWORK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    codes, printed = [], ""

    for shard in job["strategy"]["matrix"]["shard"]:
        arguments = shlex.split(command.replace("$SHARD", str(shard)))[1:]
        codes.append(main([*arguments, "--res", "8", *names]))
        printed += capfd.readouterr().out

    assert codes == [1, 1, 1, 0]
    assert [printed.count(f"{name} at 8 px: ") for name in names] == [1, 1, 1]
