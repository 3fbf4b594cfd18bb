"""The folder of the cache stays within bounds, whatever is in the way."""

from __future__ import annotations

import os
from pathlib import Path

from rfa_core.cache.folder import Folder

KEYS = [f"{number:040x}" for number in range(4)]


def filled(path: Path) -> Folder:
    folder = Folder(str(path))
    for number, key in enumerate(KEYS):
        folder.write("models", key, [os.urandom(500).hex()])
        os.utime(path / "models" / f"{key}.rfa", ns=(number + 1, number + 1))
    return folder


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path):
    folder = filled(tmp_path)
    folder.touch("models", KEYS[0])
    each = folder.holdings()[0].size // 4

    folder.shrink(3 * each)

    left = {file.stem for file in (tmp_path / "models").iterdir()}
    assert left == {KEYS[0], KEYS[3]}


def test_within_bounds_nothing_goes(tmp_path: Path):
    folder = filled(tmp_path)

    folder.shrink(folder.holdings()[0].size)

    assert folder.holdings()[0].entries == 4


def test_no_folder_holds_nothing(tmp_path: Path):
    folder = Folder(str(tmp_path / "none"))

    folder.shrink()

    assert [tuple(one) for one in folder.holdings()] == [("models", 0, 0), ("runs", 0, 0)]
    assert folder.read("models", KEYS[0], [0]) is None
    assert folder.clean() == 0


def test_an_entry_whose_place_a_folder_takes_leaves_nothing_behind(tmp_path: Path):
    folder = Folder(str(tmp_path))
    (tmp_path / "models" / f"{KEYS[0]}.rfa").mkdir(parents=True)

    why = folder.write("models", KEYS[0], [1])

    assert why == ""
    assert [file.name for file in (tmp_path / "models").iterdir()] == [f"{KEYS[0]}.rfa"]
    assert folder.read("models", KEYS[0], [0]) is None


def test_a_pipe_in_place_of_an_entry_is_not_waited_for(tmp_path: Path):
    (tmp_path / "models").mkdir()
    os.mkfifo(tmp_path / "models" / f"{KEYS[0]}.rfa")

    assert Folder(str(tmp_path)).read("models", KEYS[0], [0]) is None
