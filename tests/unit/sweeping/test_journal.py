"""Files of rows: what is written comes back, what belongs elsewhere is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rfa_core.errors import UsageError
from rfa_core.sweeping.journal import FORMS, Journal, form_of
from rfa_core.sweeping.lines import as_lines
from rfa_core.sweeping.rows import Row
from rfa_core.sweeping.tables import as_csv

Make = Callable[..., Row]


@pytest.fixture(params=list(FORMS))
def name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The name of a file that is not there yet, in every form."""
    if request.param == ".parquet":
        pytest.importorskip("pyarrow")
    return str(tmp_path / "some folder" / f"rows{request.param}")


def keys(rows: list[Row]) -> list[str]:
    return [row.key for row in rows]


def test_what_is_written_comes_back(name: str, rows: list[Row]) -> None:
    data = form_of(name).write(rows)

    assert form_of(name).read(name, data) == rows


def test_an_interrupted_sweep_finds_its_rows_again_and_ends_in_order(
    name: str, rows: list[Row]
) -> None:
    first, second, failed = rows
    Journal(name, keys(rows)).add([second])

    journal = Journal(name, keys(rows))
    found = dict(journal.rows)
    journal.add([failed])
    journal.add([first, second])
    ended = journal.finish(keys(rows))

    assert found == {second.key: second}
    assert ended == tuple(rows)
    assert form_of(name).read(name, Path(name).read_bytes()) == rows
    assert [file.name for file in Path(name).parent.iterdir()] == [Path(name).name]


def test_rows_without_a_verdict_are_made_again(name: str, rows: list[Row]) -> None:
    journal = Journal(name, keys(rows))
    journal.add(rows)
    journal.finish(keys(rows))

    again = Journal(name, keys(rows))

    assert list(again.rows.values()) == rows[:2]


@pytest.mark.parametrize("cut", [1, 40, 300])
def test_a_last_line_that_was_cut_off_is_dropped_and_its_place_taken(
    tmp_path: Path, rows: list[Row], cut: int
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(as_lines(rows[:2])[:-cut])

    journal = Journal(str(file), keys(rows))
    found = list(journal.rows.values())
    journal.add([rows[1]])

    assert found == rows[:1]
    assert file.read_bytes() == as_lines(rows[:2])


def test_nothing_is_written_where_there_is_nothing_to_add(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"

    Journal(str(file), ["a"])

    assert not file.exists()


def test_a_file_of_another_sweep_is_left_alone(name: str, rows: list[Row]) -> None:
    journal = Journal(name, keys(rows))
    journal.add(rows)
    journal.finish(keys(rows))
    before = Path(name).read_bytes()

    with pytest.raises(UsageError) as error:
        Journal(name, keys(rows[1:]))

    assert f"{name} belongs to another sweep: it has acme:net at 64 px" in str(error.value)
    assert Path(name).read_bytes() == before


def _line(row: Row, **more: object) -> bytes:
    return (json.dumps({**row.values, **more}) + "\n").encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello", "rows.jsonl:1 is no row of a sweep: it is no JSON that a sweep wrote"),
        (b'{"version": 1}', "rows.jsonl:1 is no row of a sweep: it is no JSON that a sweep wrote"),
        (b"[]\n", "rows.jsonl:1 is no row of a sweep: it is no JSON object"),
        (b"\n", "rows.jsonl:1 is no row of a sweep: Expecting value"),
        (b"\xff\xfe\n", "rows.jsonl:1 is no row of a sweep"),
        (b"[" * 100_000 + b"\n", "rows.jsonl:1 is no row of a sweep"),
        (b"{}\n", "rows.jsonl:1 is no row of a sweep: key is missing"),
    ],
)
def test_a_file_that_is_none_of_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.jsonl").write_bytes(content)

    with pytest.raises(UsageError) as error:
        Journal("rows.jsonl", [])

    assert said in str(error.value)
    assert Path("rows.jsonl").read_bytes() == content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"macs": "many"}, "macs is 'many'"),
        ({"macs": True}, "macs is True"),
        ({"runs": 1}, "runs is 1"),
        ({"arguments": None}, "arguments is missing"),
        ({"surprise": 1}, "surprise is no column"),
        ({"status": None}, "status is missing"),
    ],
)
def test_rows_of_other_types_are_refused(
    tmp_path: Path, make: Make, change: dict[str, object], said: str
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(_line(make("a")) + _line(make("b"), **change))

    with pytest.raises(UsageError, match=r"rows\.jsonl:2 is no row of a sweep") as error:
        Journal(str(file), ["a-64", "b-64"])

    assert said in str(error.value)


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b'key,"model', b"\xff\xff", b"\n"])
def test_a_csv_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(content)

    with pytest.raises(UsageError, match="is no row of a sweep"):
        Journal(str(file), [])


def test_a_csv_with_a_cell_that_was_changed_is_refused(tmp_path: Path, make: Make) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(as_csv([make("a")]).replace(b"true", b"perhaps", 1))

    with pytest.raises(UsageError, match=r"rows\.csv:2 is no row of a sweep"):
        Journal(str(file), ["a-64"])


def test_a_parquet_file_of_something_else_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    file = tmp_path / "rows.parquet"
    file.write_bytes(b"PAR1 is not enough")

    with pytest.raises(UsageError, match="is no file of a sweep"):
        Journal(str(file), [])


def test_other_forms_of_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"expected a file named \.jsonl, \.csv, \.parquet"):
        Journal(str(tmp_path / "rows.xlsx"), [])


def test_a_folder_is_no_file_of_rows(tmp_path: Path) -> None:
    folder = tmp_path / "rows.jsonl"
    folder.mkdir()

    with pytest.raises(UsageError, match="cannot read"):
        Journal(str(folder), [])
