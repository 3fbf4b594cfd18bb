"""``rfa show`` as a picture: where it goes, and what happens without Graphviz."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from rfa_core.cli import main
from rfa_core.cli.pictures import NoPicture, run_dot
from rfa_core.discovery.candidates import Listing, Target
from rfa_core.drawing import View
from rfa_core.drawing.dot import digraph
from rfa_core.drawing.figure import figure
from rfa_core.drawing.values import Box, Group
from rfa_core.errors import TraceError
from rfa_core.receptive.layers import Extent
from rfa_core.receptive.measure import Measure
from rfa_core.receptive.verdict import Verdict

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
INPUT = Box(
    key="x",
    path="input",
    name="input",
    type="input",
    kind="input",
    verdict=Verdict.NOT_JUDGED,
    measures=(Measure(1, 1, False),),
    seen=Extent((), ()),
)
VIEW = View("acme:net", (64,), (64,), Group("", "", (INPUT,)), ())
SOURCE = digraph(VIEW).source


class FakeSession:
    targets = (Target("acme:net"),)
    found: tuple[int, ...] = ()
    asked: dict[str, object] = {}  # noqa: RUF012

    def __init__(self, settings):
        self.settings = settings

    def plan(self, _names):
        return Listing(self.targets)

    def resolutions(self, _target):
        return self.settings.resolutions

    def view(self, target, resolution, **more):
        type(self).asked = {"target": target.name, "resolution": str(resolution), **more}
        sys.stdout.write("printed by a model\n")
        return VIEW


@pytest.fixture
def session(monkeypatch, tmp_path):
    class Session(FakeSession):
        pass

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rfa_core.api.Session", Session)
    return Session


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Puts a program ``dot`` of one's own in the way; None: there is none."""

    def install(code: str | None) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        monkeypatch.setenv("PATH", str(folder))
        if code is not None:
            dot = folder / "dot"
            dot.write_text(f"#!{sys.executable}\n{code}\n", encoding="utf-8")
            dot.chmod(0o755)

    return install


@pytest.mark.usefixtures("session")
def test_dot_goes_to_stdout_and_prints_of_models_to_stderr(capsys):
    code = main(["show", "acme:net", "--res", "64", "--format", "dot"])

    output = capsys.readouterr()
    assert (code, output.out, output.err) == (0, SOURCE, "printed by a model\n")


def test_options_reach_the_view(session, capsys):
    main(["show", "acme:net", "--res", "64x96", "--format", "dot", "--raw"])
    raw = session.asked
    main(["show", "acme:net", "--res", "64", "--format", "dot", "--depth", "2"])

    assert capsys.readouterr().out == 2 * SOURCE
    assert raw == {"target": "acme:net", "resolution": "64x96", "raw": True, "depth": None}
    assert session.asked == {"target": "acme:net", "resolution": "64", "raw": False, "depth": 2}


@needs_dot
@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    ("file", "options", "start"),
    [
        ("net.svg", [], b"<?xml"),
        ("net.PNG", [], b"\x89PNG"),
        ("net.dot", [], b"digraph"),
        ("net.txt", ["--format", "svg"], b"<?xml"),
        ("new/folder/net.svg", [], b"<?xml"),
    ],
)
def test_a_file_is_written_as_asked_or_as_it_is_named(file, options, start, capsys, tmp_path):
    code = main(["show", "acme:net", "--res", "64", "-o", file, *options])

    assert (code, capsys.readouterr().out) == (0, "")
    assert (tmp_path / file).read_bytes().startswith(start)


@needs_dot
@pytest.mark.usefixtures("session")
def test_a_picture_of_bytes_goes_into_a_pipe(capfdbinary):
    code = main(["show", "acme:net", "--res", "64", "--format", "png"])

    assert code == 0
    assert capfdbinary.readouterr().out.startswith(b"\x89PNG")


@pytest.mark.usefixtures("session")
def test_a_picture_of_bytes_is_refused_by_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    code = main(["show", "acme:net", "--res", "64", "--format", "png"])

    assert code == 2
    assert capsys.readouterr().err == (
        "rfa: error: a png is nothing for a terminal\n  name a file with -o\n"
    )


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    ("arguments", "kept"),
    [(["-o", "out/net.svg"], "out/net.dot"), (["--format", "svg"], "acme_net.dot")],
)
def test_without_graphviz_the_dot_is_kept_and_nothing_fails(
    arguments, kept, program, capsys, tmp_path
):
    program(None)

    code = main(["show", "acme:net", "--res", "64", *arguments])

    output = capsys.readouterr()
    assert (code, output.out) == (0, "")
    assert output.err == (
        "printed by a model\n"
        "rfa: no svg: the program dot of Graphviz was not found\n"
        "  install it from https://graphviz.org/download (Debian: apt install graphviz); "
        f"the graph is in {kept}\n"
    )
    assert (tmp_path / kept).read_text(encoding="utf-8") == SOURCE


def test_a_program_that_fails_is_quoted(program):
    program("import sys; sys.stderr.write('Error: no layout\\nmore\\n'); sys.exit(1)")

    found = run_dot(SOURCE, "svg")

    assert isinstance(found, NoPicture)
    assert found.reason == "dot failed: Error: no layout"


def test_a_program_that_does_not_end_is_ended(program):
    program("import time; time.sleep(60)")

    found = run_dot(SOURCE, "svg", limit=0.2)

    assert found == NoPicture(
        "dot took more than 0.2 seconds", "--depth 1 or 2 opens fewer modules"
    )


@pytest.mark.usefixtures("session")
def test_without_a_resolution_there_is_nothing_to_draw(capsys):
    code = main(["show", "acme:net", "--isolated", "--format", "dot"])

    output = capsys.readouterr()
    assert (code, output.out) == (2, "")
    assert output.err.startswith("rfa: error: no resolution to judge acme:net at\n")


@pytest.mark.usefixtures("session")
def test_of_several_configured_resolutions_the_first_is_drawn_and_said(capsys):
    code = main(["show", "acme:net", "--config", "resolutions = [32, 64]", "--format", "dot"])

    assert code == 0
    assert capsys.readouterr().err == (
        "printed by a model\nrfa: drawn at 32 px; --res draws at 64\n"
    )


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--raw"], "--raw is for pictures: --format dot, svg or png, found text"),
        (
            ["--depth", "2", "--format", "json"],
            "--depth is for the tree and pictures: found --format json",
        ),
        (["-o", "a.pdf"], "-o a.pdf: rfa show cannot make a pdf"),
        (["--raw", "-o", "a.json"], "--raw is for pictures: --format dot, svg or png, found json"),
    ],
)
def test_options_of_pictures_are_refused_elsewhere(options, message, capsys):
    code = main(["show", "acme:net", "--res", "64", *options])

    assert (code, capsys.readouterr().err.splitlines()[0]) == (2, f"rfa: error: {message}")


@pytest.mark.parametrize("depth", ["0", "-1", "x", "1000"])
def test_an_impossible_depth_is_refused(depth, capsys):
    code = main(["show", "acme:net", "--res", "64", "--format", "dot", f"--depth={depth}"])

    assert code == 2
    assert f"expected a number of levels from 1 on, found '{depth}'" in capsys.readouterr().err


def test_a_model_that_cannot_be_drawn_is_an_error(session, capsys):
    def view(*_arguments, **_options):
        raise TraceError("acme:net: its forward pass fails")

    session.view = view

    code = main(["show", "acme:net", "--res", "64", "--format", "dot"])

    assert (code, capsys.readouterr().err) == (
        2,
        "rfa: error: acme:net: its forward pass fails\n",
    )


@pytest.mark.usefixtures("session")
def test_a_picture_that_cannot_be_written_is_an_error(capsys, tmp_path):
    Path(tmp_path / "taken").write_text("a file", encoding="utf-8")

    code = main(["show", "acme:net", "--res", "64", "-o", "taken/net.dot"])

    assert code == 2
    assert "rfa: error: cannot write taken/net.dot" in capsys.readouterr().err


def test_resolutions_are_those_of_the_command_line(session):
    main(["show", "acme:net", "--res", "48", "-o", "net.dot"])

    assert session.asked["resolution"] == "48"


@pytest.mark.parametrize("kind", ["growth", "map"])
@pytest.mark.usefixtures("session")
def test_figures_need_no_graphviz(monkeypatch, capsys, kind):
    monkeypatch.setenv("PATH", "")

    code = main(["show", "acme:net", "--res", "64", "--figure", kind])

    printed = capsys.readouterr().out
    assert code == 0
    assert printed == figure(VIEW, kind)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "png"], "--figure is for --format svg, found png"),
        (["-o", "net.html"], "--figure is for --format svg, found html"),
        (["--raw"], "--figure draws nothing raw"),
    ],
)
def test_a_figure_is_svg(capsys, options, said):
    code = main(["show", "acme:net", "--res", "64", "--figure", "map", *options])

    assert code == 2
    assert said in capsys.readouterr().err
