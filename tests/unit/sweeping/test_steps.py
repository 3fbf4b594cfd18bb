"""Spans of resolutions and grids of arguments."""

from __future__ import annotations

import pytest

from rfa_core.errors import ResolutionError, UsageError
from rfa_core.sweeping.steps import called, combinations, grid_of, resolutions_of
from rfa_core.sweeping.tasks import Task, parted


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["32:128:32"], ["32", "64", "96", "128"]),
        (["32:127:32"], ["32", "64", "96"]),
        (["7:9"], ["7", "8", "9"]),
        (["5:5:100"], ["5"]),
        (["64", "32:64:32", "64x96", 48], ["64", "32", "64x96", "48"]),
        ([], []),
    ],
)
def test_a_span_ends_with_its_last_number_and_nothing_comes_twice(
    texts: list[object], expected: list[str]
) -> None:
    found = resolutions_of(texts)

    assert [str(resolution) for resolution in found] == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("64:32", "the span of resolutions '64:32' ends before it begins"),
        ("32:64:0", "'32:64:0' is no span of resolutions"),
        ("0:64:32", "'0:64:32' is no span of resolutions"),
        ("32:64:8:1", "'32:64:8:1' is no span of resolutions"),
        ("32::8", "'32::8' is no span of resolutions"),
        ("-32:64", "'-32:64' is no span of resolutions"),
        ("32:64x64", "'32:64x64' is no span of resolutions"),
        ("1:999999999", "has more than 100,000 resolutions"),
        ("999999:1000001", "'1000001' is impossible"),
        ("x", "'x' is not a resolution"),
    ],
)
def test_what_is_no_span_is_refused(text: str, said: str) -> None:
    with pytest.raises(ResolutionError) as error:
        resolutions_of([text])

    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("depth=2,4,8", (2, 4, 8)),
        ("depth=2", (2,)),
        ("widths=(8,16),(16,32)", ((8, 16), (16, 32))),
        ("act='relu','gelu'", ("relu", "gelu")),
        ("bias=True,False,None", (True, False, None)),
        ("rate=-0.5,1e-3", (-0.5, 0.001)),
        ("table={'a': [1]}", ({"a": [1]},)),
    ],
)
def test_the_values_of_a_grid_are_python_literals(text: str, values: tuple[object, ...]) -> None:
    grid = grid_of([text])

    assert grid == {text.partition("=")[0]: values}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["depth"], "--grid depth: expected NAME=VALUE,VALUE as depth=2,4,8"),
        (["2=3"], "expected NAME=VALUE"),
        (["act=relu"], "'relu' are no Python literals"),
        (["depth=__import__('os').getpid()"], "are no Python literals"),
        (["depth=1)+(2"], "are no Python literals"),
        (["depth="], "are no Python literals"),
        (["depth=1e999"], "inf cannot be written to a row"),
        (["depth={1, 2}"], "{1, 2} cannot be written to a row"),
        (["depth=b'x'"], "cannot be written to a row"),
        (["depth=" + "[" * 5000], "are no Python literals"),
        (["depth=1", "depth=2"], "depth is given twice"),
    ],
)
def test_what_is_no_grid_is_refused(texts: list[str], said: str) -> None:
    with pytest.raises(UsageError) as error:
        grid_of(texts)

    assert said in str(error.value)


def test_every_value_meets_every_other() -> None:
    found = list(combinations({"depth": [1, 2], "act": ("relu",), "k": range(2)}))

    assert [called(arguments) for arguments in found] == [
        "(depth=1, act='relu', k=0)",
        "(depth=1, act='relu', k=1)",
        "(depth=2, act='relu', k=0)",
        "(depth=2, act='relu', k=1)",
    ]
    assert list(combinations({})) == [{}]
    assert called({}) == ""


@pytest.mark.parametrize("values", ["abc", [], [object()]])
def test_a_grid_from_python_needs_lists_of_plain_values(values: list[object]) -> None:
    with pytest.raises(UsageError, match="the grid"):
        list(combinations({"depth": values}))


def test_a_row_is_known_by_all_that_it_depends_on() -> None:
    few, other = resolutions_of([32, 64]), resolutions_of(["64x96"])[0]
    tasks = [
        Task("a:b", {}, few),
        Task("a:c", {}, few),
        Task("a:b", {"depth": 1}, few),
        Task("a:b", {"depth": True}, few),
        Task("a:b", {"depth": "1"}, few),
        Task("a:b", {}, few, object_size=few[0]),
        Task("a:b", {}, few, state="other code"),
        Task("a:b", {}, (other,)),
    ]

    keys = [key for task in tasks for key in task.keys]

    assert len(set(keys)) == len(keys) == 15
    assert tasks[2].model == "a:b(depth=1)"
    assert Task("a:b", {}, few[1:]).keys == tasks[0].keys[1:]


def test_many_resolutions_are_done_in_pieces() -> None:
    many = resolutions_of(["1:70"])

    pieces = parted(many)

    assert [len(piece) for piece in pieces] == [32, 32, 6]
    assert [one for piece in pieces for one in piece] == list(many)
