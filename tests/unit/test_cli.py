import io
import json
import os
import re
import shlex
import sys

import pytest

from rfa_core import report as reports
from rfa_core.agreement import Difference, Outcome, Verification, VerifiedLayer
from rfa_core.api.files import repository_prefix
from rfa_core.cli import main
from rfa_core.cli.options import FORMATS
from rfa_core.discovery.candidates import Listing, Target
from rfa_core.errors import TargetError
from rfa_core.findings import ModelReport, Report, ResolutionReport, Waste
from rfa_core.parallel import Limits
from rfa_core.receptive.resolution import Resolution
from rfa_core.report import RenderOptions

AT_64 = ResolutionReport((64, 64), (64, 64), (), 0, Waste(0, 0))


class Run:
    """A use case that answers with a report, and remembers what it was asked."""

    def __init__(self):
        self.report = report()
        self.names = self.settings = self.progress = self.rendered = None
        self.failure = None

    def check(self, names, settings, progress=None, jobs="1", limits=None, **_):
        self.names, self.settings, self.progress, self.jobs = names, settings, progress, jobs
        self.limits = limits
        sys.stdout.write("printed by a model\n")
        if self.failure:
            raise self.failure
        return self.report

    def render(self, output_format, report, options):
        self.rendered = options
        return f"{output_format}, exit code {report.exit_code}\n"


def report(*, exit_code=0, status="analysed", resolutions=(AT_64,)):
    model = ModelReport("acme:net", "torch", status, resolutions=resolutions)
    return Report("0.1.0", (model,), (), (), exit_code)


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("RFA_OUTPUT_FORMAT", "NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "TERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(monkeypatch):
    run = Run()
    monkeypatch.setattr("rfa_core.api.check", run.check)
    monkeypatch.setattr("rfa_core.api.ranges", run.check)
    monkeypatch.setattr(reports, "render", run.render)
    return run


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, True), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)],
)
def test_a_terminal_has_colour_if_it_can(run, monkeypatch, environment, expected):
    monkeypatch.setattr(sys, "stdout", Terminal())
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    main(["check", "--res=64"])

    assert run.rendered.color is expected


@pytest.mark.usefixtures("run")
def test_results_go_to_stdout_and_prints_of_models_to_stderr(capsys):
    code = main(["check", "acme:net", "--res", "64"])

    output = capsys.readouterr()
    assert (code, output.out, output.err) == (0, "full, exit code 0\n", "printed by a model\n")


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


def test_without_a_resolution_ranges_are_listed_and_the_code_is_2(run, capsys):
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


@pytest.mark.parametrize(
    ("environment", "options", "expected"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
        ({"FORCE_COLOR": "1"}, ["-o", "out.txt"], False),
    ],
)
def test_colour_follows_the_option_then_the_environment(
    run, monkeypatch, environment, options, expected
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    main(["check", "--res=64", *options])

    assert run.rendered.color is expected


@pytest.mark.usefixtures("run")
def test_the_environment_sets_the_format_and_the_option_wins(capsys, monkeypatch):
    monkeypatch.setenv("RFA_OUTPUT_FORMAT", "json")

    main(["check", "--res=64"])
    main(["check", "--res=64", "--output-format", "concise"])

    assert capsys.readouterr().out == "json, exit code 0\nconcise, exit code 0\n"


@pytest.mark.usefixtures("run")
def test_files_are_written_whole_beside_the_main_output(capsys, tmp_path):
    (tmp_path / "old.txt").write_text("old")

    code = main(
        shlex.split("check --res=64 -o old.txt --report json:new/rfa.json --report junit:rfa.xml")
    )

    written = {
        path.relative_to(tmp_path).as_posix(): path.read_text()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert (code, capsys.readouterr().out) == (0, "")
    assert written == {
        "old.txt": "full, exit code 0\n",
        "new/rfa.json": "json, exit code 0\n",
        "rfa.xml": "junit, exit code 0\n",
    }


@pytest.mark.usefixtures("run")
def test_configured_reports_are_written_below_the_root_by_every_check(tmp_path, monkeypatch):
    (tmp_path / "rfa.toml").write_text("reports = ['json:out/rfa.json', 'junit:rfa.xml']\n")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")

    main(shlex.split("check --res=64 --report markdown:here.md --report json:../rfa.xml"))

    assert (tmp_path / "out/rfa.json").read_text() == "json, exit code 0\n"
    assert (tmp_path / "rfa.xml").read_text() == "json, exit code 0\n"
    assert (tmp_path / "sub/here.md").read_text() == "markdown, exit code 0\n"


@pytest.mark.usefixtures("run")
def test_a_symbolic_link_stays_and_its_file_is_replaced(tmp_path):
    (tmp_path / "file.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("file.txt")

    main(["check", "--res=64", "-o", "link.txt"])

    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "file.txt").read_text() == "full, exit code 0\n"


@pytest.mark.usefixtures("run")
def test_a_device_is_written_to_and_not_replaced():
    code = main(["check", "--res=64", "-o", os.devnull])

    assert code == 0
    assert not os.path.isfile(os.devnull)  # noqa: PTH113


@pytest.mark.usefixtures("run")
def test_a_file_that_cannot_be_written_is_an_error(capsys, tmp_path):
    code = main(["check", "--res=64", "-o", str(tmp_path)])

    assert code == 2
    assert capsys.readouterr().err.endswith(
        f"rfa: error: cannot write {tmp_path}: it is a folder; name a file in it\n"
    )


def test_a_reader_that_went_away_leaves_the_verdict(run, monkeypatch):
    class Closed(io.StringIO):
        def flush(self):
            raise BrokenPipeError

        def fileno(self):
            return self.descriptor

    stdout = Closed()
    stdout.descriptor, other = os.pipe()
    monkeypatch.setattr(sys, "stdout", stdout)
    run.report = report(exit_code=1)

    code = main(["check", "--res=64"])

    os.close(other)
    os.close(stdout.descriptor)
    assert code == 1


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("options", "shown"), [([], True), (["-q"], False)])
def test_progress_is_for_terminals_and_not_for_the_quiet(run, monkeypatch, options, shown):
    monkeypatch.setattr(sys, "stderr", Terminal())

    main(["check", "--res=64", *options])

    assert (run.progress is not None) is shown


def test_without_a_terminal_there_is_no_progress(run):
    main(["check", "--res=64"])

    assert run.progress is None


def test_a_long_run_shows_where_it_is(monkeypatch):
    from rfa_core.cli import progress

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", 0)

    with progress.ProgressBar() as bar:
        bar(1, 4, "acme:[bold]net[/bold]\x1b[2J")

    shown = re.sub(r"\x1b\[[0-9;?]*[mlhKA]", "", terminal.getvalue())
    assert r"acme:[bold]net[/bold]\x1b[2J" in shown
    assert "1/4" in shown
    assert re.search(r" \d+:\d\d left\s*$", shown)


def test_a_short_run_shows_nothing(monkeypatch):
    from rfa_core.cli import progress

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with progress.ProgressBar() as bar:
        bar(1, 4, "acme:net")

    assert terminal.getvalue() == ""


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


def test_the_formats_are_those_of_the_reports():
    assert FORMATS == reports.FORMATS


class FakeSession:
    targets = (Target("acme:net", file="/p/acme.py", line=3, reasons=("a class",)),)
    answer = report()

    def __init__(self, settings):
        self.settings = settings

    def plan(self, names):
        return Listing(self.targets if names else ())

    found = plan

    def resolutions(self, _target):
        return ()

    def check(self, _target):
        from rfa_core.api import Outcome

        return Outcome(self.answer.models[0], ())

    def report(self, _outcomes, _listing):
        return self.answer


@pytest.fixture
def session(monkeypatch):
    class Session(FakeSession):
        pass

    monkeypatch.setattr("rfa_core.api.Session", Session)
    return Session


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


@pytest.mark.parametrize(
    ("workspace", "root", "prefix"),
    [(None, ".", ""), (".", ".", ""), (".", "a/b", "a/b/"), ("a", ".", "")],
)
def test_annotations_name_files_as_the_repository_does(
    workspace, root, prefix, monkeypatch, tmp_path
):
    if workspace is None:
        monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    else:
        monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / workspace))

    assert repository_prefix(str(tmp_path / root)) == prefix


def test_paths_are_those_of_the_repository_in_gitlab_too(monkeypatch, tmp_path):
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.setenv("CI_PROJECT_DIR", str(tmp_path))

    assert repository_prefix(str(tmp_path / "ml")) == "ml/"


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
