"""Faults of what lies on the disk: the cache, the baseline, the configuration.

An entry of the cache that is not whole is none; files that decide the verdict are read once, and
one that cannot be read is an error. Elsewhere: what is in these files
(``tests/unit/cache``, ``tests/unit/baseline``, ``tests/unit/config``), a cache whose folder is a
file (``tests/functional/test_cache.py``), one on a full disk (``test_reporters.py``), a checkout
that is mounted to be read only (``tests/functional/test_read_only.py``).
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fault_bench import SOUND, Bench
from projects import GRAPHS

from rfa_core.cli import main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files are those of Unix")


def flipped(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)


def replaced_by_folder(file: Path) -> None:
    file.unlink()
    (file / "inside").mkdir(parents=True)


def replaced_by_itself(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.name)


ENTRIES: dict[str, Callable[[Path], object]] = {  # the folder is the last: nothing replaces it
    "corrupt": flipped,
    "truncated": lambda file: os.truncate(file, file.stat().st_size // 2),
    "empty": lambda file: os.truncate(file, 0),
    "of another version": lambda file: file.write_bytes(
        file.read_bytes().replace(b"rfa cache 1", b"rfa cache 2")
    ),
    "of another program": lambda file: file.write_bytes(os.urandom(2000)),
    "a link to itself": replaced_by_itself,
    "a folder": replaced_by_folder,
}


def test_an_entry_that_is_not_whole_is_none(bench: Bench, faultless: list[Any]) -> None:
    """Each run makes anew what the next fault is put into."""
    before = bench.check(*SOUND)
    for fault, damage in ENTRIES.items():
        entries = list((bench.root / ".rfa_cache").rglob("*.rfa"))
        assert {entry.parent.name for entry in entries} == {"models", "runs"}, fault
        for entry in entries:
            damage(entry)

        ran = bench.check(*SOUND)

        assert (ran.code, ran.err, ran.left) == (1, "", []), fault
        assert (ran.sound, ran.out) == (faultless, before.out), fault


REPLACE = """\
from rfa_core.cache.folder import Folder
real = Folder.read
def read(self, kind, key, wanted):
    found = real(self, kind, key, wanted)
    if kind == "models" and found and len(wanted) == {sections}:
        with open("other", "rb") as other:
            self._write(kind, key, other.read())
    return found
Folder.read = read
"""
"""Another run that replaces an entry after ours has read some of its sections."""


@pytest.mark.parametrize("sections", [1, 2], ids=["while it is read", "before the run is kept"])
def test_an_entry_that_is_replaced_while_it_is_read_is_not_believed(
    bench: Bench, sections: int
) -> None:
    entry_of = bench.root / ".rfa_cache" / "models"
    shallow = GRAPHS.replace("range(8)", "range(2)")
    bench.write("models.py", shallow)
    expected = bench.check("models.py::deep").report
    (entry,) = entry_of.iterdir()
    entry.rename(bench.root / "other")
    bench.write("models.py", GRAPHS)
    deep = bench.check("models.py::deep", "--output-format=concise").code
    bench.write("models.py", GRAPHS)

    meanwhile = bench.check("models.py::deep", before=REPLACE.format(sections=sections)).report
    bench.write("models.py", shallow)
    after = bench.check("models.py::deep").report

    layers = [
        len(report["models"][0]["resolutions"][0]["layers"])
        for report in (expected, meanwhile, after)
    ]
    assert deep == 1
    assert layers == [2, 8, 2]


def unreadable(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    real = Path.read_bytes

    def read(self: Path) -> bytes:
        if self.name == name:
            raise OSError(number, os.strerror(number), str(self))
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", read)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("pyproject.toml", errno.ENOENT),
        ("pyproject.toml", errno.EACCES),
        ("pyproject.toml", errno.EIO),
        (".rfa-baseline.json", errno.EACCES),
        (".rfa-baseline.json", errno.EIO),
        (".rfa-baseline.json", errno.EISDIR),
    ],
)
def test_a_file_that_decides_and_cannot_be_read_is_named(
    bench: Bench,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    number: int,
) -> None:
    bench.write(".rfa-baseline.json", '{"version": 1, "findings": []}')
    monkeypatch.chdir(bench.root)
    unreadable(monkeypatch, name, number)

    code = main(["check", "--no-cache", "--report=json:out.json", *SOUND])

    reason = os.strerror(number)
    said = "mistakes in the settings:\n" if name == "pyproject.toml" else ""
    assert code == 2
    assert capsys.readouterr() == ("", f"rfa: error: {said}{name}: cannot be read: {reason}\n")
    assert not (bench.root / "out.json").exists()


@pytest.mark.parametrize("fault", ["vanishes", "is cut"])
def test_a_baseline_that_changes_during_a_run_counts_as_it_was_read(
    bench: Bench, fault: str
) -> None:
    written = bench.rfa("baseline", "write", *SOUND)
    harm = "os.unlink(file)" if fault == "vanishes" else "open(file, 'w').close()"
    harmful = f"import os\nfile = {str(bench.root / '.rfa-baseline.json')!r}\n{harm}\n"
    bench.write("models.py", harmful + GRAPHS)

    ran = bench.check(*SOUND, "--no-cache")

    assert written.code == 0
    assert (ran.code, ran.err, ran.left) == (0, "", [])
    assert [one["code"] for one in ran.report["findings"]] == []


FILLS_UP = """\
mount -t tmpfs -o size=12k tmpfs .rfa_cache && exec "$@"
"""


def test_a_disk_that_fills_up_behind_the_first_model_is_said_and_changes_no_verdict(
    bench: Bench, faultless: list[Any]
) -> None:
    (bench.root / ".rfa_cache").mkdir()

    ran = bench.check_with_mounts(FILLS_UP, *SOUND)

    said = f"rfa: {bench.root}/.rfa_cache cannot hold the cache: No space left on device\n"
    assert (ran.code, ran.sound, ran.left, ran.err) == (1, faultless, [], said)


READ_ONLY = """\
mount --bind .rfa_cache .rfa_cache && mount -o remount,bind,ro .rfa_cache && exec "$@"
"""


def test_a_cache_that_is_read_only_is_said_and_changes_no_verdict(
    bench: Bench, faultless: list[Any]
) -> None:
    bench.check("models.py::sound")
    before = sorted((bench.root / ".rfa_cache").rglob("*"))

    ran = bench.check_with_mounts(READ_ONLY, *SOUND)

    said = f"rfa: {bench.root}/.rfa_cache cannot hold the cache: "
    assert (ran.code, ran.sound, ran.left) == (1, faultless, [])
    assert (ran.err.startswith(said), ran.err.count("\n")) == (True, 1)
    assert sorted((bench.root / ".rfa_cache").rglob("*")) == before
