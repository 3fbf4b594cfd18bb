"""``rfa list``, ``show``, ``range`` and ``verify``: what they write, and their exit codes."""

import json

import pytest
from made_runs import report

from rfa_core.agreement import Difference, Outcome, Verification, VerifiedLayer
from rfa_core.cli import main
from rfa_core.discovery.candidates import Target


@pytest.mark.usefixtures("session")
def test_list_writes_what_was_planned(capsys):
    code = main(["list", "src", "--format", "json"])

    content = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [target["name"] for target in content["targets"]] == ["acme:net"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (report(exit_code=1), 0),
        (report(status="unbuildable"), 2),
        (report(resolutions=()), 2),
    ],
)
def test_show_fails_only_if_there_is_no_table(session, capsys, answer, expected):
    session.answer = answer

    code = main(["show", "acme:net", "--res", "64"])

    assert code == expected
    assert "acme:net" in capsys.readouterr().out


@pytest.mark.usefixtures("session")
def test_show_writes_json(capsys):
    main(["show", "acme:net", "--res", "64", "--format", "json"])

    assert json.loads(capsys.readouterr().out)["models"][0]["name"] == "acme:net"


def test_show_wants_one_model(session, capsys):
    session.targets = tuple(Target(f"acme:{name}") for name in "abcdefg")

    code = main(["show", "acme.py"])

    assert code == 2
    assert capsys.readouterr().err == (
        "rfa: error: expected one model, found 7 in 'acme.py'\n"
        "  name one of them: acme:a, acme:b, acme:c, acme:d, acme:e and 2 more\n"
    )


def test_range_writes_a_table_whatever_is_configured(run, capsys, tmp_path):
    (tmp_path / "rfa.toml").write_text("resolutions = [64]\njudge-pooling = true\n")
    run.report = report(resolutions=())

    code = main(["range", "acme:net", "acme:other", "--config", "tie = 'productive'", "-n", "2"])

    output = capsys.readouterr()
    assert (code, output.err) == (0, "printed by a model\n")
    assert output.out == "○ acme:net: no range known\n"
    assert (run.names, run.jobs) == (["acme:net", "acme:other"], "2")
    assert (run.settings.judge_pooling, run.settings.tie) == (True, "productive")


@pytest.mark.parametrize("exit_code", [0, 2])
def test_range_exits_as_its_report_says(run, capsys, exit_code):
    run.report = report(exit_code=exit_code, resolutions=())

    code = main(["range", "acme:net", "--format", "json"])

    assert (code, capsys.readouterr().out) == (exit_code, f"json, exit code {exit_code}\n")


def test_range_isolated_reads_no_file(run, tmp_path):
    (tmp_path / "rfa.toml").write_text("judge-pooling = true\n")

    main(["range", "acme:net", "--isolated"])

    assert run.settings.judge_pooling is False


def test_range_takes_no_resolution(run, capsys):
    code = main(["range", "acme:net", "--res", "64"])

    assert (code, run.names) == (2, None)
    assert capsys.readouterr().err == (
        "rfa: error: unknown option '--res'\n  `rfa range --help` lists what is possible\n"
    )


def test_verify_exits_with_1_when_a_layer_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = Difference(0, "conv_3", (0, 0, 7), (4, 9), (0, 3), True)
    layers = (
        VerifiedLayer("stem", True, (Outcome.AGREES,)),
        VerifiedLayer("conv", True, (Outcome.DIFFERS,), (wrong,)),
        VerifiedLayer("last", True, (Outcome.CLIPPED,)),
    )
    found = (Verification("acme:net", ("[1, 1, 32]",), layers),)
    monkeypatch.setattr("rfa_core.api.verify", lambda *_: found)

    code = main(["verify", "acme:net"])

    assert code == 1
    assert capsys.readouterr().out == (
        "acme:net: 1 layer (1 judged) as the NaN oracle finds them, on [1, 1, 32]\n"
        "  conv differs\n"
        "    axis 0, conv_3[0, 0, 7]: the analysis says pixels 4 to 9, but NaN in pixels 0 to 3 "
        "reaches it\n"
        "  last not compared: clipped everywhere: the input is too small\n"
    )
