"""Where the command writes, in which colours, and what it shows meanwhile."""

import io
import os
import re
import shlex
import sys

import pytest
from made_runs import Terminal, report

from rfa_core import report as reports
from rfa_core.api.files import repository_prefix
from rfa_core.cli import main
from rfa_core.cli.options import FORMATS


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


def test_the_formats_are_those_of_the_reports():
    assert FORMATS == reports.FORMATS


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
