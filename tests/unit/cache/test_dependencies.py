"""Whether all that something was found out from is as it was."""

from __future__ import annotations

import os
from pathlib import Path
from time import time_ns

import pytest

from rfa_core.cache.container import NoEntryError
from rfa_core.cache.dependencies import (
    Dependencies,
    as_json,
    file_stamp,
    folder_stamp,
    from_json,
    united,
    variable,
)

LONG_AGO = 10**18
SOON = time_ns() + 10**12


def of(root: Path, *names: str, taken: int = SOON) -> Dependencies:
    files = {name: file_stamp(str(root / name)) for name in names if "." in name}
    folders = {name: folder_stamp(str(root / name)) for name in names if "." not in name}
    return Dependencies(files, folders, {}, {}, {}, {}, taken)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_text("one")
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    return path


def test_a_file_of_the_same_size_and_time_is_not_read_again(file: Path):
    before = of(file.parent, "a.py")
    file.write_text("two")
    os.utime(file, ns=(LONG_AGO, LONG_AGO))

    assert before.hold(str(file.parent))


def test_times_close_to_when_it_was_looked_at_prove_nothing(file: Path):
    before = of(file.parent, "a.py", taken=LONG_AGO + 10**9)
    file.write_text("two")
    os.utime(file, ns=(LONG_AGO, LONG_AGO))

    assert not before.hold(str(file.parent))


@pytest.mark.parametrize("later", [LONG_AGO - 10**15, LONG_AGO + 10**15])
def test_another_time_leaves_a_doubt_that_the_content_settles(file: Path, later: int):
    before = of(file.parent, "a.py")
    os.utime(file, ns=(later, later))
    same = before.hold(str(file.parent))
    file.write_text("two")
    os.utime(file, ns=(later, later))

    assert same
    assert not before.hold(str(file.parent))


def test_what_was_not_there_must_not_be_there(tmp_path: Path):
    before = of(tmp_path, "b.py")
    absent = before.hold(str(tmp_path))
    (tmp_path / "b.py").write_text("")

    assert absent
    assert not before.hold(str(tmp_path))


def test_what_is_gone_is_a_change(file: Path):
    before = of(file.parent, "a.py")
    file.unlink()

    assert not before.hold(str(file.parent))


def test_a_folder_is_its_names_without_hidden_ones_and_byte_code(tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    before = of(tmp_path, "folder")
    (folder / ".hidden").write_text("")
    (folder / "__pycache__").mkdir()
    os.utime(folder, ns=(LONG_AGO, LONG_AGO))
    same = before.hold(str(tmp_path))
    (folder / "seen").write_text("")

    assert same
    assert not before.hold(str(tmp_path))


def test_what_was_only_asked_for_counts_by_what_it_is(file: Path):
    before = Dependencies({}, {}, {"a.py": 1, "b": 0, ".": 2}, {}, {}, {}, SOON)
    root = str(file.parent)

    file.write_text("three")
    assert before.hold(root)

    (file.parent / "b").mkdir()
    assert not before.hold(root)


def test_variables_count(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RFA_TEST_SET", "1")
    digest = variable("RFA_TEST_SET")
    before = Dependencies(
        {}, {}, {}, {"RFA_TEST_SET": digest, "RFA_TEST_UNSET": None}, {}, {}, SOON
    )
    same = before.hold("/")
    monkeypatch.setenv("RFA_TEST_UNSET", "")

    assert same
    assert digest not in (None, "1")
    assert not before.hold("/")


def test_an_installation_counts_where_versions_changed_or_all_is_asked_for(tmp_path: Path):
    site = str(tmp_path)
    before = {"pytest": pytest.__version__, "no-such-distribution": None}

    def look(versions: dict[str, str | None], place: int, *, exactly: bool = False) -> bool:
        every = Dependencies({}, {}, {}, {}, versions, {site: place}, SOON)
        return every.hold("/", exactly=exactly)

    now = tmp_path.stat().st_mtime_ns
    assert look({"pytest": "0"}, now)
    assert look(before, now - 1)
    assert not look({**before, "pytest": "0"}, now - 1)
    assert not look({**before, "no-such-distribution": "1"}, now - 1)
    assert not look(before, now - 1, exactly=True)


def test_the_form_in_a_file_is_read_back(file: Path):
    before = Dependencies(
        {"a.py": file_stamp(str(file))},
        {".": folder_stamp(str(file.parent))},
        {"b.py": 0},
        {"A": None, "B": "1"},
        {"x": "1.0"},
        {"/site": 3},
        7,
    )

    assert from_json(as_json(before)) == before


@pytest.mark.parametrize(
    "value",
    [None, [], [1], [{}] * 6, [*[{}] * 6, "x"], [{"a": 1}, *[{}] * 5, 1],
     [{"a": [1, 2]}, *[{}] * 5, 1], [[], *[{}] * 5, 1], [*[{}] * 5, {"a": []}, 1],
     [{}, {}, {"a": None}, {}, {}, {}, 1]],
    ids=repr,
)  # fmt: skip
def test_another_form_is_refused(value: object):
    with pytest.raises(NoEntryError):
        from_json(value)


def test_what_several_depend_on_is_all_of_it_with_absolute_paths(file: Path):
    one = of(file.parent, "a.py", taken=5)
    other = Dependencies({}, {}, {"b.py": 1}, {"A": "1"}, {"x": "1"}, {}, 3)

    both = united([one, other], str(file.parent))

    assert both == Dependencies(
        {str(file): one.files["a.py"]},
        {},
        {str(file.with_name("b.py")): 1},
        {"A": "1"},
        {"x": "1"},
        {},
        3,
    )
