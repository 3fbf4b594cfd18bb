"""The formats that people read, at the widths of a watch, a terminal and a wall."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from rfa_core.findings import Finding, Report, Severity
from rfa_core.report import RenderOptions, render

Golden = Callable[[str, str], None]
ReportOf = Callable[..., Report]
FORMATS = ("full", "concise", "grouped")
HOSTILE = {
    "an escape sequence": "\x1b[2J\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "a bell and a backspace": "\x07\x08\x08\x08",
    "line ends": "one\ntwo\r\nthree\rfour\x85five\u2028six",
    "a turned reading direction": "\u202egnp.\u2066",
    "markup of rich": "[bold red]not bold[/bold red] [link=https://evil.example]x[/link] :boom:",
    "a stray closing tag": "[/]",
    "ten thousand characters": "x" * 10_000,
    "lone surrogates": "\ud800",
    "the glue of numbers": "1\ue0002",
}


@pytest.mark.parametrize("width", [20, 80, 200])
@pytest.mark.parametrize("format_name", ["full", "grouped"])
def test_a_format_fits_its_width(
    format_name: str, width: int, report: Report, golden: Golden
) -> None:
    text = render(format_name, report, RenderOptions(width=width, statistics=True))

    golden(f"{format_name}-{width}.txt", text)


def test_grouped_in_colour_is_what_its_golden_file_holds(report: Report, golden: Golden) -> None:
    text = render("grouped", report, RenderOptions(width=80, color=True))

    golden("grouped-color.txt", text)


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_a_model_calls_itself_is_harmless(text: str, format_name: str, color: bool) -> None:
    report = hostile(text)

    shown = render(format_name, report, RenderOptions(color=color))

    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown) if color else shown
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e\u2066\ud800]", plain)
    plain.encode("utf-8")


@pytest.mark.parametrize("format_name", FORMATS)
def test_markup_is_shown_as_it_was_written(format_name: str) -> None:
    shown = render(format_name, hostile("[bold]x[/bold] :boom:"))

    assert shown.count("[bold]x[/bold] :boom:") >= 2


def test_several_models_and_resolutions_share_the_line_that_they_are_about() -> None:
    found = [finding(model=name, resolution=(size,) * 2) for name in "ab" for size in (32, 64)]

    shown = render("grouped", Report("0", (), (*found, finding(line=9)), (), 1))

    assert shown == (
        "nets.py\n"
        "  2:5  error RFA101 unproductive-layer\n"
        "       - a at 32 px: dead\n"
        "       - a at 64 px: dead\n"
        "       - b at 32 px: dead\n"
        "       - b at 64 px: dead\n"
        "  9:5  error RFA101 unproductive-layer\n"
        "         a at 32 px: dead\n"
        "\n"
        "Checked 0 models: 5 errors\n"
    )


def test_files_are_in_order_and_lines_by_number_and_severity() -> None:
    found = [
        finding(file=None, line=None, column=None),
        finding(file="b.py", line=10),
        finding(file="b.py", line=9, severity=Severity.INFO),
        finding(file="b.py", line=9, severity=Severity.WARNING),
        finding(file="a.py"),
    ]

    shown = render("grouped", Report("0", (), tuple(found), (), 1), RenderOptions(quiet=True))

    assert shown == (
        "a.py\n"
        "  2:5  error RFA101 unproductive-layer\n"
        "         a at 32 px: dead\n"
        "\n"
        "b.py\n"
        "   9:5  warning RFA101 unproductive-layer\n"
        "          a at 32 px: dead\n"
        "   9:5  info RFA101 unproductive-layer\n"
        "          a at 32 px: dead\n"
        "  10:5  error RFA101 unproductive-layer\n"
        "          a at 32 px: dead\n"
        "\n"
        "a\n"
        "   error RFA101 unproductive-layer\n"
        "     dead\n"
        "\n"
    )


TALLY = """\
   model                px  ✖  ▲  ■  ◆  ●  wasted  MACs  feasible
✖  acme.models:Net      64  1           3   7.5 %  20 %  65 to 100 px
◆                   64x128           1  3
■                      100        3     1
✖  zoo:audio            16  2  1             67 %  67 %  from 36 px on
  layers:  ✖ unproductive  ▲ critical  ■ full-kernel  ◆ partial  ● productive   wasted: of
  parameters, of MACs
○ acme.models:unet: unbuildable
note: zoo:audio: recording stopped at nms: its result is data

Checked 2 of 3 models at 64, 64x128, 100 and 16 px: no findings
"""


def test_a_run_ends_with_a_row_for_each_model_and_resolution(report_of: ReportOf) -> None:
    report = replace(report_of("net", "audio", "broken"), findings=())

    plain = render("full", report, RenderOptions(width=90))
    colored = render("full", report, RenderOptions(width=90, color=True))

    assert plain == TALLY
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


FRAMES = {
    "the code from its column on": (
        "def f():\n    return 1\n",
        (2, 5),
        ["1 | def f():", "2 |     return 1", "  |     ^^^^^^^^"],
    ),
    "the code of a line whose column nobody knows": (
        "def f():\n    return 1\n",
        (2, 1),
        ["1 | def f():", "2 |     return 1", "  |     ^^^^^^^^"],
    ),
    "tabs as wide as they are shown": (
        "if x:\n\ty = 1\n",
        (2, 2),
        ["1 | if x:", "2 |     y = 1", "  |     ^^^^^"],
    ),
    "wide characters": ("網 = 網()\n", (1, 5), ["1 | 網 = 網()", "  |      ^^^^"]),
    "blank lines around it are left out": ("\n\nx\n\n", (3, 1), ["3 | x", "  | ^"]),
    "blank lines between are not": (
        "a\n\nx\n\nb\n",
        (3, 1),
        ["1 | a", "2 |", "3 | x", "  | ^", "4 |", "5 | b"],
    ),
    "a line that is blank itself": ("a\n\n", (2, 1), ["1 | a", "2 |", "  | ^"]),
    "numbers of several digits": (
        "\n" * 98 + "a\nb\n",
        (99, 1),
        [" 99 | a", "    | ^", "100 | b"],
    ),
    "a column behind the end": ("abc\n", (1, 99), ["1 | abc", "  |    ^"]),
    "a line that is too long is cut": ("x" * 99, (1, 1), [f"1 | {'x' * 33}…", f"  | {'^' * 33}…"]),
}


@pytest.mark.parametrize(("source", "place", "lines"), FRAMES.values(), ids=FRAMES)
def test_a_frame_underlines(
    source: str, place: tuple[int, int], lines: list[str], tmp_path: Path
) -> None:
    (tmp_path / "nets.py").write_text(source, encoding="utf-8")
    found = finding(line=place[0], column=place[1])
    report = Report("0", (), (found,), (), 1, str(tmp_path))

    shown = render("full", report, RenderOptions(width=40, quiet=True)).splitlines()

    assert [line.removeprefix("  ") for line in shown if " | " in f"{line} "] == lines


def test_a_number_is_not_torn_from_what_it_counts() -> None:
    found = replace(finding(), message="20 % of 3 layers at 64 px " * 20)

    for width in range(30, 60):
        shown = render("full", Report("0", (), (found,), (), 1), RenderOptions(width=width))

        assert not re.search(r"\b(20|3|64)\n", shown)
        assert max(map(cell_len, shown.splitlines())) <= width


def finding(**facts: object) -> Finding:
    usual: dict[str, object] = {
        "code": "RFA101",
        "name": "unproductive-layer",
        "severity": Severity.ERROR,
        "model": "a",
        "message": "dead",
        "resolution": (32, 32),
        "file": "nets.py",
        "line": 2,
        "column": 5,
    }
    return Finding(**{**usual, **facts})  # type: ignore[arg-type]


def hostile(text: str) -> Report:
    """A report in which everything that a user names is ``text``."""
    found = finding(model=text, message=f"{text} is dead", help=text, layers=(text,))
    nowhere = replace(found, file=None, line=None, column=None)
    elsewhere = replace(found, file=f"{text}.py", severity=Severity.INFO)
    return Report("0", (), (found, nowhere, elsewhere), (), 1)
