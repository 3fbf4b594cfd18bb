"""A run shared by several machines: every model once, and nothing said that others know better."""

from __future__ import annotations

from pathlib import Path

import pytest

from rfa_core.api import check
from rfa_core.api.sharding import Shard
from rfa_core.cli import main
from rfa_core.config.load import load_settings
from rfa_core.discovery.candidates import Listing, Target
from rfa_core.formats import FORMATS

MODELS = """\
import rfa_core as rfa


def block(net, name):
    net.conv(name, filters=4, kernel=9)  # rfa: ignore[RFA101] kept


def small():
    net = rfa.Graph("small")
    block(net, "a")
    return net


def wide():
    net = rfa.Graph("wide")
    for name in "abc":
        block(net, name)
    return net


def deep():
    net = rfa.Graph("deep")
    for number in range(3):
        net.conv(f"conv{number}", filters=4, kernel=9)
    return net
"""
CONFIG = """\
resolutions = [8]
factories = ["models.py::wide", "models.py::small", "models.py::deep"]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    (tmp_path / "models.py").write_text(MODELS, encoding="utf-8")
    (tmp_path / "rfa.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("models", [1, 2, 5, 12])
@pytest.mark.parametrize("total", [1, 2, 3, 7])
def test_shards_hold_every_target_once_and_are_of_one_size(models: int, total: int) -> None:
    targets = tuple(Target(f"net{number % 4}") for number in range(models))
    listing = Listing(targets, broken=(Target("broken.py", problem="syntax error"),))

    shares = [Shard(number, total).share(listing) for number in range(1, total + 1)]

    names = [one.name for share in shares for one in (*share.targets, *share.broken)]
    assert sorted(names) == sorted([*(one.name for one in targets), "broken.py"])
    sizes = [len(share.targets) + len(share.broken) for share in shares]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.usefixtures("project")
def test_the_shards_together_say_what_one_run_says() -> None:
    whole = check([], load_settings())

    shards = [check([], load_settings(), shard=Shard(number, 2)) for number in (1, 2)]

    models = {model.name for report in shards for model in report.models}
    assert models == {model.name for model in whole.models}
    assert sum(len(report.models) for report in shards) == len(whole.models) == 3
    said = [finding for report in shards for finding in report.findings]
    assert sorted(said, key=str) == sorted(whole.findings, key=str)
    assert whole.findings


@pytest.mark.usefixtures("project")
def test_a_comment_that_a_model_of_another_shard_may_need_is_not_called_unused() -> None:
    report = check([], load_settings(), shard=Shard(2, 3))

    assert [model.name for model in report.models] == ["models.py::small"]
    assert {finding.code for finding in report.findings} == {"RFA102", "RFA103"}
    assert report.notes == (
        "1 comment silences nothing in shard 2/3, but maybe in another: RFA910 is for runs "
        "without --shard",
    )


def test_entries_of_the_baseline_about_models_of_other_shards_are_left_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["baseline", "write", "-q"]) == 0
    file = project / ".rfa-baseline.json"
    file.write_text(file.read_text(encoding="utf-8").replace("conv2", "conv3"), encoding="utf-8")
    monkeypatch.setenv("CI", "true")

    reports = [check([], load_settings(), shard=Shard(number, 3)) for number in (1, 2, 3)]

    codes = [[finding.code for finding in report.findings] for report in reports]
    assert codes == [["RFA101", "RFA911"], [], []]
    assert reports[0].models[0].name == "models.py::deep"


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.usefixtures("project")
def test_an_empty_shard_is_clean_and_says_so(
    output_format: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code = main(["check", "--shard", "4/4", "--output-format", output_format])

    assert code == 0
    said = "rfa: shard 4/4 has no model: there are fewer models than shards\n"
    assert capfd.readouterr().err == said


@pytest.mark.parametrize("text", ["0/4", "5/4", "x", "1/0", "-1/4", "1/4/4", "1.5/4", "", "²/4"])
def test_an_impossible_shard_is_said(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["check", f"--shard={text}"])

    said = (
        f"rfa: error: argument --shard: expected I/N with I from 1 to N, as 2/4, found {text!r}\n"
        "  `rfa check --help` lists what is possible\n"
    )
    assert (code, capfd.readouterr().err) == (2, said)


def test_a_shard_of_nothing_is_still_nothing_to_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    code = main(["check", "--shard", "1/2", "--res", "64"])

    assert (code, capfd.readouterr().err.splitlines()[0]) == (
        2,
        "rfa: error: no model found in the project",
    )
