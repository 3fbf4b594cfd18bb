"""``rfa sweep`` and ``rfa rank`` from end to end, on networks written by hand."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from xml.etree import ElementTree

import projects
import pytest

import rfa_core as rfa
from rfa_core.api.sweeps import Ends, Piece, rows_of
from rfa_core.cli import main
from rfa_core.errors import UsageError

MODELS = """\
import os
import rfa_core as rfa


def chain(depth: int = 3, stride: int = 2) -> rfa.Graph:
    net = rfa.Graph("chain", channels=3)
    for n in range(depth):
        net.conv(f"conv{n}", filters=8, kernel=3, stride=stride)
    return net


def plain() -> rfa.Graph:
    return chain(2, 1)


def broken() -> rfa.Graph:
    raise ValueError("no such block")
"""
CONFIG = '[tool.rfa]\nfactories = ["nets:chain", "nets:plain"]\n'
DEADLY = """\
def deadly() -> None:
    os.kill(os.getpid(), 9)
"""


pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two networks and one that cannot be built; the working directory."""
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    (tmp_path / "nets.py").write_text(MODELS)
    monkeypatch.chdir(tmp_path)
    sys.modules.pop("nets", None)
    return tmp_path


def rows_in(file: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(file).read_text().splitlines()]


TABLE = """\
model                          px  ✖  ▲  ■  ◆  ●  wasted parameters  wasted MACs    MACs
nets:chain(depth=3, stride=2)   4  1  1  -  -  1               42 %         29 %  2.02 k
                               12  -  1  -  -  2                0 %          0 %  15.3 k
nets:chain(depth=1, stride=2)   4  -  -  -  -  1                0 %          0 %     864  blind
                               12  -  -  -  -  1                0 %          0 %  7.78 k  blind
layers that are ✖ unproductive, ▲ critical, ■ full-kernel, ◆ partial, ● productive
"""


def test_the_table_has_a_row_for_each_model_choice_of_arguments_and_resolution(
    capsys: pytest.CaptureFixture[str],
) -> None:
    grid = ["--grid", "depth=3,1", "--grid", "stride=2,2"]

    code = main(["sweep", "nets:chain", "--res", "4:12:8", *grid])

    assert (code, capsys.readouterr().out) == (0, TABLE)


RANKING = """\
   model              unproductive  wasted parameters  wasted MACs  range, px  parameters    MACs
1  nets:chain  fits              0                0 %          0 %    8 to 15      1.39 k  15.3 k
2  nets:plain  blind             0                0 %          0 %     4 to 5         808   114 k
fits: no layer is unproductive, and one with weights sees the whole image
blind: no layer is unproductive, and none with weights sees the whole image
judged at 12 px
○ nets:broken: unbuildable: nets:broken raises ValueError: no such block when it is called (at
nets.py:17); -v shows the traceback; arguments can be given as `kwargs` of an entry in `factories`
"""


def test_the_ranking_says_what_fits_best_and_why_the_rest_has_no_verdict(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rfa_core.cli.sweeping.TABLE_WIDTH", 100)

    code = main(["rank", "nets:plain", "nets:broken", "nets:chain", "--res", "12"])

    assert (code, capsys.readouterr().out) == (2, RANKING)


def test_each_row_says_what_a_check_at_its_resolution_says() -> None:
    rows = rfa.sweep(["nets:chain", "nets:plain"], [4, "12x6"])
    report = json.loads(checked("--res", "4", "--res", "12x6"))

    said = [(row.model, row.parameters, row.macs, row.unproductive, row.waste_macs) for row in rows]
    assert said == [
        (
            model["name"],
            model["parameters"],
            at["macs"],
            at["counts"]["unproductive"],
            at["waste"]["macs"],
        )
        for model in report["models"]
        for at in model["resolutions"]
    ]
    assert any(row.unproductive for row in rows)


def checked(*options: str) -> str:
    return projects.rfa(Path(), "check", *options, "--output-format", "json").stdout


def test_objects_are_judged_by_their_size_and_costs_by_that_of_the_image() -> None:
    (canvas,) = rfa.sweep("nets:chain", 64)
    (small,) = rfa.sweep("nets:chain", 4)

    (found,) = rfa.sweep("nets:chain", 64, object_size=4)

    assert (found.resolution, found.object_size) == ("64", "4")
    assert (found.unproductive, found.critical) == (small.unproductive, small.critical) == (1, 1)
    assert found.waste_parameters == small.waste_parameters
    assert (found.macs, found.traced_at) == (canvas.macs, "64")
    assert (canvas.sees_all, found.sees_all) == (False, True)


def test_rows_stream_into_a_file_that_a_second_run_goes_on_with(
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = ["sweep", "nets:chain", "nets:plain", "--res", "4:12:4", "-n", "1", "-o"]
    assert main([*whole, "once.jsonl"]) == 0
    lines = Path("once.jsonl").read_text().splitlines(keepends=True)
    Path("stopped.jsonl").write_text("".join([lines[4], lines[0], lines[3][:50]]))

    code = main([*whole, "stopped.jsonl"])

    assert (code, capsys.readouterr().out) == (0, "")
    assert Path("stopped.jsonl").read_text() == "".join(lines)
    assert len(lines) == 6


def test_a_finished_file_is_read_and_nothing_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    first = rfa.sweep("nets:chain", "4:12:4", file="rows.csv")
    monkeypatch.setattr("rfa_core.api.sweeps.rows_of", None)

    second = rfa.sweep("nets:chain", "4:12:4", file="rows.csv")

    assert second == first


def test_an_interrupted_command_says_what_is_kept_and_goes_on_from_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["sweep", "nets:chain", "nets:plain", "--res", "4:12:4", "-o", "rows.csv"]

    def interrupted(pieces: list[Piece], _: object, ends: Ends) -> None:
        ends(0, rows_of(pieces[0]))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("rfa_core.api.sweeps._spread", interrupted)
        first = main(command)
    said = capsys.readouterr().err
    kept = len(rows_in("rows.csv.part"))
    second = main(command)

    assert (first, kept, second) == (130, 3, 0)
    assert said == "rfa: 3 of 6 rows are kept: the same command goes on from there\n" + (
        "rfa: interrupted\n"
    )
    assert len(Path("rows.csv").read_text().splitlines()) == 7


def test_a_grid_wins_over_the_arguments_of_the_configuration() -> None:
    Path("pyproject.toml").write_text(
        '[tool.rfa]\nfactories = [{ target = "nets:chain", kwargs = { depth = 5, stride = 1 } }]\n'
    )

    rows = rfa.sweep([], [64], grid={"depth": [1, 2]})

    assert [(row.model, row.max_resolution) for row in rows] == [
        ("nets:chain(depth=1)", "3"),
        ("nets:chain(depth=2)", "5"),
    ]


def test_a_ranking_in_python_is_that_of_the_command() -> None:
    rows = rfa.rank(["nets:plain", "nets:broken", "nets:chain"], 12, object_size=4)

    assert [(row.model, row.fit) for row in rows] == [
        ("nets:plain", "fits"),
        ("nets:chain", "wasteful"),
        ("nets:broken", None),
    ]


def test_two_ways_to_spread_the_work_are_one_too_many() -> None:
    with pytest.raises(UsageError, match="expected one of jobs, executor and scheduler"):
        rfa.sweep("nets:chain", 8, jobs=2, scheduler="tcp://127.0.0.1:1")


@pytest.mark.parametrize(
    "change",
    ["a setting", "the code", "a resolution", "an argument", "the size of objects"],
)
def test_a_file_of_other_numbers_is_refused(change: str) -> None:
    rfa.sweep("nets:chain", [8, 16], file="rows.jsonl")
    before = Path("rows.jsonl").read_text()
    grid = {"depth": [2]} if change == "an argument" else {}
    size = 4 if change == "the size of objects" else None
    if change == "a setting":
        Path("pyproject.toml").write_text(f'{CONFIG}tie = "productive"\n')
    if change == "the code":
        Path("nets.py").write_text(f"{MODELS}\n")

    with pytest.raises(UsageError, match=r"rows\.jsonl belongs to another sweep"):
        resolutions = [8, 17] if change == "a resolution" else [8, 16]
        rfa.sweep("nets:chain", resolutions, file="rows.jsonl", grid=grid, object_size=size)

    assert Path("rows.jsonl").read_text() == before


def test_more_models_and_resolutions_may_join_a_sweep() -> None:
    first = rfa.sweep("nets:chain", [8], file="rows.jsonl")

    rows = rfa.sweep(["nets:plain", "nets:chain"], [4, 8], file="rows.jsonl")

    assert rows[3:] == first
    assert [row["key"] for row in rows_in("rows.jsonl")] == [row.key for row in rows]


def test_any_executor_gives_the_same_rows() -> None:
    alone = rfa.sweep("nets:chain", [4, 8], grid={"depth": [1, 2, 3, 4]})

    with ThreadPoolExecutor(4) as threads:
        found = rfa.sweep("nets:chain", [4, 8], grid={"depth": [1, 2, 3, 4]}, executor=threads)

    assert found == alone
    assert len({row.key for row in found}) == 8


def test_an_executor_that_breaks_is_told_and_what_was_done_is_kept() -> None:
    Path("nets.py").write_text(f"{MODELS}\n\n{DEADLY}")
    targets = ["nets:chain", "nets:deadly"]

    with (
        ProcessPoolExecutor(1, get_context("spawn")) as processes,
        pytest.raises(UsageError, match="the executor lost a worker"),
    ):
        rfa.sweep(targets, [8], executor=processes, file="rows.jsonl")

    assert [row["model"] for row in rows_in("rows.jsonl")] == ["nets:chain"]


def test_a_model_that_crashes_costs_its_own_rows(capsys: pytest.CaptureFixture[str]) -> None:
    Path("nets.py").write_text(f"{MODELS}\n\n{DEADLY}")

    code = main(["sweep", "nets:deadly", "nets:chain", "--res", "8", "--format", "csv", "-n", "2"])
    head, deadly, chain = capsys.readouterr().out.splitlines()

    assert code == 2
    assert head.startswith("key,model,target,resolution,status,arguments,")
    assert "nets:deadly lost the process that built it to SIGKILL" in deadly
    assert ",nets:chain,nets:chain,8,analysed,{}," in chain


def test_the_plot_has_a_line_for_each_model_in_both_charts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["sweep", "--res", "4:12:4", "--plot", "shares.svg", "--format", "svg"])

    text = Path("shares.svg").read_text()
    picture = ElementTree.fromstring(text)
    names = [title.text for title in picture.iterfind(".//{*}g/{*}title")]
    assert (code, capsys.readouterr().out) == (0, text)
    assert names == ["nets:chain", "nets:plain"] * 3


MISTAKES = [
    (["sweep", "nets:chain"], "no resolution to sweep over"),
    (["rank"], "no resolution to sweep over"),
    (["sweep", "--res", "64:32"], "ends before it begins"),
    (["sweep", "--res", "8", "--grid", "depth=deep"], "'deep' are no Python literals"),
    (["sweep", "--res", "8", "-o", "rows.xls"], "expected a file named .jsonl, .csv, .parquet"),
    (["sweep", "--res", "8", "--plot", "plot.png"], "--plot plot.png: expected a file named .svg"),
    (["rank", "--res", "8", "--object-size", "8x9"], "an object of 8x9 px does not fit"),
    (["sweep", "--res", "8,64", "--object-size", "9"], "an object of 9 px does not fit into"),
    (["sweep", "net.rfa.json", "--res", "8", "--grid", "depth=1"], "takes no arguments"),
    (["sweep", "--res", "8", "--scheduler", "tcp://a:1", "-n", "2"], "leaves processes and their"),
    (["rank", "nets:nope", "--res", "8"], "there is no 'nope' in nets.py"),
]


@pytest.mark.parametrize(("command", "said"), MISTAKES, ids=lambda value: str(value)[:40])
def test_mistakes_end_with_2_before_anything_is_built(
    capsys: pytest.CaptureFixture[str], command: list[str], said: str
) -> None:
    graph = {"version": 1, "layers": [{"name": "input", "type": "input", "channels": 3}]}
    Path("net.rfa.json").write_text(json.dumps(graph))

    code = main(command)

    output = capsys.readouterr()
    assert (code, output.out) == (2, "")
    assert said in output.err


def test_an_argument_that_a_factory_does_not_take_is_named_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["sweep", "nets:chain", "--res", "8", "--grid", "dept=1,2"])

    lines = capsys.readouterr().out
    assert code == 2
    assert "○ nets:chain(dept=1): unbuildable: nets:chain takes no argument 'dept'" in lines
    assert "did you mean 'depth'?" in lines.replace("\n", " ")


def test_two_configured_resolutions_are_one_too_many_to_rank_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("pyproject.toml").write_text(f"{CONFIG}resolutions = [8, 16]\n")

    code = main(["rank"])

    assert code == 2
    assert "rfa rank: which resolution? 8, 16 are configured" in capsys.readouterr().err
