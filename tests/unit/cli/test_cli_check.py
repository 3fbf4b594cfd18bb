"""``rfa check``: where its options go, and its exit codes."""

import shlex

import pytest
from made_runs import report

from rfa_core.cli import main
from rfa_core.errors import TargetError
from rfa_core.parallel import Limits
from rfa_core.receptive.resolution import Resolution
from rfa_core.report import RenderOptions


def test_options_reach_the_settings_and_targets_may_stand_between_them(run):
    main(
        shlex.split(
            "check a:b --res 64,96x128 --select=RFA1 c:d --res 32 --ignore RFA102,RFA103 "
            "--extend-select RFA9 --severity RFA104=error --fail-on warning "
            "--config \"tie = 'productive'\""
        )
    )

    assert run.names == ["a:b", "c:d"]
    assert run.settings.resolutions == tuple(map(Resolution, ((64,), (96, 128), (32,))))
    assert run.settings.select == ("RFA1",)
    assert run.settings.ignore == ("RFA102", "RFA103")
    assert run.settings.extend_select == ("RFA9",)
    assert run.settings.severity == {"RFA104": "error"}
    assert run.settings.fail_on == "warning"
    assert run.settings.tie == "productive"


def test_isolated_reads_no_file(run, tmp_path):
    (tmp_path / "rfa.toml").write_text("resolutions = [64]\n")

    main(["check", "--isolated"])

    assert run.settings.resolutions == ()


@pytest.mark.parametrize(
    ("exit_code", "options", "expected"),
    [(0, [], 0), (1, [], 1), (2, [], 2), (1, ["--exit-zero"], 0), (2, ["--exit-zero"], 2)],
)
def test_exit_zero_turns_findings_into_success_and_nothing_else(
    run, capsys, exit_code, options, expected
):
    run.report = report(exit_code=exit_code)

    code = main(["check", "--res", "64", *options])

    assert (code, capsys.readouterr().out) == (expected, f"full, exit code {expected}\n")


def test_without_a_resolution_ranges_are_listed_and_how_to_set_one_is_said(run, capsys):
    run.report = report(resolutions=())

    code = main(["check", "--exit-zero"])

    output = capsys.readouterr()
    assert (code, output.out) == (2, "full, exit code 2\n")
    assert run.rendered.show_ranges
    assert output.err == (
        "printed by a model\n"
        "rfa: error: no resolution to judge acme:net at\n"
        "  give one in pixels as --res 64, or as resolutions = [64] under [tool.rfa] in "
        "pyproject.toml\n"
    )


def test_the_file_that_is_in_force_is_named_where_a_resolution_lacks(run, capsys, tmp_path):
    (tmp_path / "rfa.toml").write_text("fail-on = 'warning'\n")
    run.report = report(resolutions=())

    main(["check"])

    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "  give one in pixels as --res 64, or as resolutions = [64] in rfa.toml"


def test_switches_reach_the_renderer(run):
    main(["check", "--res=64", "-q", "-v", "--statistics", "--color=always"])

    assert run.rendered == RenderOptions(color=True, verbose=True, quiet=True, statistics=True)


def test_an_expected_failure_is_its_message(run, capsys):
    run.failure = TargetError("no model is called acme:nett", "did you mean acme:net?")

    code = main(["check", "--res=64"])

    assert code == 2
    assert capsys.readouterr().err == (
        "printed by a model\nrfa: error: no model is called acme:nett\n  did you mean acme:net?\n"
    )


def test_an_unexpected_failure_is_one_line(run, capsys):
    run.failure = ValueError("boom")

    code = main(["check", "--res=64"])

    assert code == 2
    assert capsys.readouterr().err == (
        "printed by a model\n"
        "rfa: internal error: ValueError: boom (run with -v for the traceback; please report it)\n"
    )


def test_a_traceback_appears_with_v(run, capsys):
    run.failure = ValueError("boom")

    code = main(["check", "--res=64", "-v"])

    lines = capsys.readouterr().err.splitlines()
    assert (code, lines[1]) == (2, "Traceback (most recent call last):")
    assert lines[-1] == "rfa: internal error: ValueError: boom (please report it)"


def test_an_interrupted_run_is_130(run, capsys):
    run.failure = KeyboardInterrupt()

    code = main(["check", "--res=64"])

    assert (code, capsys.readouterr().err) == (130, "printed by a model\nrfa: interrupted\n")


@pytest.mark.parametrize(("options", "jobs"), [([], "auto"), (["-n", "2"], "2")])
def test_the_number_of_processes_is_passed_on(run, options, jobs):
    main(["check", *options])

    assert run.jobs == jobs


@pytest.mark.parametrize(
    ("options", "limits"),
    [
        ([], Limits(300.0, 6_000)),
        (["--timeout", "2.5", "--memory-limit", "2GB"], Limits(2.5, 2_000_000_000)),
        (["--timeout", "0", "--memory-limit", "0"], Limits()),
        (["--memory-limit", "1.5 gib"], Limits(300.0, 1_610_612_736)),
    ],
)
@pytest.mark.parametrize("command", ["check", "range"])
def test_limits_are_passed_on(run, monkeypatch, command, options, limits):
    monkeypatch.setattr("rfa_core.cli.limits.usual_memory", lambda: 6_000)
    monkeypatch.setattr("rfa_core.cli.limits.memory_is_watched", lambda: True)

    main([command, "acme:net", *options])

    assert run.limits == limits


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("--timeout=-1", "expected seconds as 60 or 0.5, found '-1'"),
        ("--timeout=soon", "expected seconds as 60 or 0.5, found 'soon'"),
        ("--memory-limit=2", "expected a size as 2GB or 512MiB, found '2'"),
        ("--memory-limit=twoGB", "expected a size as 2GB or 512MiB, found 'twoGB'"),
    ],
)
def test_a_limit_that_is_none_is_refused(run, capsys, option, expected):
    code = main(["check", option])

    assert (code, run.names) == (2, None)
    assert expected in capsys.readouterr().err


def test_a_memory_limit_that_cannot_be_kept_is_refused(run, capsys, monkeypatch):
    monkeypatch.setattr("rfa_core.cli.limits.memory_is_watched", lambda: False)

    code = main(["check", "--memory-limit=2GB"])

    assert (code, run.names) == (2, None)
    assert capsys.readouterr().err == (
        "rfa: error: --memory-limit: this system does not say how much memory a process has\n"
        "  leave the option out, or run on Linux\n"
    )


def test_a_number_of_processes_that_is_none_is_refused(run, capsys):
    code = main(["check", "--jobs", "0"])

    assert (code, run.names) == (2, None)
    assert "expected a number of processes or auto, found '0'" in capsys.readouterr().err
