"""The tables of sweeps and rankings."""

from __future__ import annotations

import json
from dataclasses import replace

from rfa_core.report.options import RenderOptions
from rfa_core.report.sweep_plot import render_plot
from rfa_core.report.sweep_table import render_rank, render_sweep
from rfa_core.sweeping.rows import COLUMNS, Row
from rfa_core.sweeping.tables import read_csv

WIDE = RenderOptions(width=120)
NET = Row(
    key="1",
    model="acme:net(depth=2)",
    target="acme:net",
    resolution="64",
    status="analysed",
    arguments={"depth": 2},
    fit="wasteful",
    runs=True,
    traced_at="64",
    productive=12,
    critical=3,
    partial=0,
    full_kernel=1,
    unproductive=4,
    not_judged=9,
    waste_parameters=0.5,
    waste_macs=0.0004,
    parameters=1_500_000,
    macs=2_000_000_000,
    min_resolution="76",
    max_resolution="435x17",
    sees_all=True,
)
STOPS = replace(
    NET,
    key="2",
    resolution="32",
    fit="does not run",
    runs=False,
    error="does not run at 32 px: kernel size can't be greater than actual input size",
    traced_at="224",
    min_resolution=None,
)
LOST = [
    Row(str(size), "acme:\x1b[2Jbad", "acme:bad", str(size), "untraceable", error="breaks\nthere")
    for size in range(8)
]

SWEEP = """\
model              px  ✖  ▲  ■  ◆   ●  wasted parameters  wasted MACs  MACs
acme:net(depth=2)  64  4  3  1  -  12               50 %      < 0.1 %   2 G
                   32  4  3  1  -  12               50 %      < 0.1 %   2 G  does not run
layers that are ✖ unproductive, ▲ critical, ■ full-kernel, ◆ partial, ● productive
○ acme:net(depth=2) does not run at 32 px: kernel size can't be greater than actual input size; read at 224 px
○ acme:\\x1b[2Jbad: untraceable: breaks there
"""  # noqa: E501


def test_a_model_is_named_once_and_what_has_no_verdict_follows_with_its_reason() -> None:
    text = render_sweep([NET, STOPS, *LOST], RenderOptions(width=140))

    assert text == SWEEP


def test_where_only_some_resolutions_have_no_verdict_they_are_named() -> None:
    judged = replace(NET, model=LOST[0].model)

    text = render_sweep([judged, *LOST], RenderOptions(width=140))

    where = "untraceable at 0, 1, 2, 3, 4 px and 3 other resolutions"
    assert text.splitlines()[-1] == f"○ acme:\\x1b[2Jbad: {where}: breaks there"


RANK = """\
   model                            unproductive  wasted parameters  wasted MACs     range, px  parameters  MACs
1  acme:net(depth=2)  wasteful                 4               50 %      < 0.1 %  76 to 435x17       1.5 M   2 G
2  acme:net(depth=2)  does not run             4               50 %      < 0.1 %             -       1.5 M   2 G
wasteful: some layers are unproductive
does not run: the model takes no image of this size
judged at 64 px, for objects of 24 px
○ acme:net(depth=2) does not run at 32 px: kernel size can't be greater than actual input size; read at 224 px
○ acme:\\x1b[2Jbad: untraceable: breaks there
"""  # noqa: E501


def test_a_ranking_numbers_what_has_a_verdict_and_explains_its_words() -> None:
    rows = [replace(NET, object_size="24"), replace(STOPS, object_size="24"), LOST[0]]

    text = render_rank(rows, RenderOptions(width=120))

    assert text == RANK


def test_nothing_but_failures_has_no_table() -> None:
    text = render_rank(LOST[:1], WIDE)

    assert text == "○ acme:\\x1b[2Jbad: untraceable: breaks there\n"


def test_json_and_csv_have_every_column_of_every_row() -> None:
    rows = [NET, STOPS, LOST[0]]

    said = json.loads(render_sweep(rows, WIDE, "json"))
    read = read_csv("rows.csv", render_rank(rows, WIDE, "csv").encode())

    assert said["version"] == 1
    assert [list(row) for row in said["rows"]] == [list(COLUMNS)] * 3
    assert [Row(**row) for row in said["rows"]] == rows
    assert read == rows


def test_the_plot_leaves_out_where_a_model_does_not_run() -> None:
    tall = replace(NET, resolution="64x16", waste_parameters=0.0)

    text = render_plot([NET, STOPS, tall, *LOST])

    assert text.count('class="dot"') == 4
    assert '<path class="curve" d="M56 66L736 176"' in text
