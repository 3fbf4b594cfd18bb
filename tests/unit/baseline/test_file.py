"""The file of accepted findings: written, read back, merged, and refused."""

from __future__ import annotations

import json
import random
import subprocess
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfa_core.baseline import read_baseline, render_baseline, write_baseline
from rfa_core.baseline.places import element_lines
from rfa_core.errors import BaselineError, ConflictError, UsageError
from rfa_core.findings import Concern

NAME = "b.json"
FIRST = Concern("RFA101", "acme:net", (64, 64), "conv1")
SECOND = Concern("RFA101", "acme:net", (64, 64), "conv2")
MEND = (
    "\n  mend the file there, or take it back from version control; `rfa baseline write` makes a "
    "new one once it is out of the way"
)
TEXT = """\
{
  "version": 1,
  "findings": [
    {"rule": "RFA101", "model": "acme:net", "resolution": [64, 64], "layer": "conv1"},
    {"rule": "RFA101", "model": "acme:net", "resolution": [64, 64], "layer": "conv2"}
  ]
}
"""
few = settings(deadline=None, max_examples=40)
names = st.text(min_size=1)
concerns = st.builds(
    Concern,
    names,
    names,
    st.none() | st.lists(st.integers(1, 10**6), min_size=1, max_size=3).map(tuple),
    st.none() | names,
)


def test_there_is_one_entry_a_line_in_an_order_of_its_own() -> None:
    assert render_baseline([SECOND, FIRST, SECOND]) == TEXT


def test_a_file_without_findings_is_a_file() -> None:
    assert render_baseline([]) == '{\n  "version": 1,\n  "findings": []\n}\n'


@few
@given(st.lists(concerns))
def test_what_is_written_is_read_back_with_its_lines(
    tmp_path_factory: pytest.TempPathFactory, accepted: list[Concern]
) -> None:
    path = tmp_path_factory.mktemp("baseline") / NAME
    write_baseline(path, accepted)

    read = read_baseline(path, NAME)

    lines = path.read_text(encoding="utf-8").splitlines()
    assert set(read) == set(accepted)
    assert list(read.lines.values()) == list(range(4, 4 + len(read)))
    assert len(lines) == len(read) + 5 - (not accepted)
    assert render_baseline(random.sample(accepted, len(accepted))) == path.read_text("utf-8")


@few
@given(st.lists(concerns))
def test_every_file_that_is_written_satisfies_the_schema(accepted: list[Concern]) -> None:
    path = files("rfa_core.baseline") / "schema" / "baseline-v1.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))

    jsonschema.validate(json.loads(render_baseline(accepted)), schema)


@few
@given(
    st.lists(st.recursive(st.none() | st.text(), lambda inner: st.lists(inner))),
    st.sampled_from([None, 0, 2]),
)
def test_elements_are_found_in_any_layout(elements: list[object], indent: int | None) -> None:
    text = json.dumps({"a": ["]", {}], "findings": elements, "z": 1}, indent=indent)

    lines = element_lines(text, "findings")

    assert len(lines) == len(elements)
    for line, element in zip(lines, elements, strict=True):
        beginning = json.dumps(element)[:1]
        assert beginning in text.split("\n")[line - 1]


def test_two_branches_that_accept_and_mend_other_findings_merge(tmp_path: Path) -> None:
    layers = [Concern("RFA101", "acme:net", (64, 64), f"conv{n}") for n in range(9)]
    new = Concern("RFA101", "acme:net", (64, 64), "conv10")
    sides = {"base": layers, "ours": layers[:-2], "theirs": [*layers, new]}
    for name, side in sides.items():
        write_baseline(tmp_path / name, side)

    command = ["git", "merge-file", "ours", "base", "theirs"]
    merged = subprocess.run(command, cwd=tmp_path, check=False)

    assert merged.returncode == 0
    assert set(read_baseline(tmp_path / "ours", NAME)) == {*layers[:-2], new}


def _with(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


REFUSED = {
    "no JSON": (
        _with('conv1"},', 'conv1"}'),
        "b.json:5:5: expected JSON, found: Expecting ',' delimiter",
    ),
    "empty": ("", "b.json:1:1: expected JSON, found: Expecting value"),
    "not a number": (_with("64", "NaN"), "b.json: expected JSON, found: NaN, which is no JSON"),
    "a list": ("[]", "b.json:1: expected an object, found a list"),
    "no version": (_with('"version": 1,', ""), "b.json:1: version: expected 1, found nothing"),
    "a version that is none": (
        _with('"version": 1', '"version": "1"'),
        "b.json:1: version: expected 1, found '1'",
    ),
    "no findings": (
        '{"version": 1, "finding": []}',
        "b.json:1: unknown key 'finding'; the keys are version, findings\n"
        "b.json:1: findings: expected a list, found nothing",
    ),
    "an entry that is none": (
        _with('"findings": [', '"findings": [\n3,'),
        "b.json:4: findings[0]: expected an object, found 3",
    ),
    "mistakes in two entries": (
        _with('"rule": "RFA101"', '"code": "RFA101"').replace('"conv2"', "2"),
        "b.json:4: findings[0]: unknown key 'code'; the keys are rule, model, resolution, layer\n"
        "b.json:4: findings[0]: expected the key 'rule', found none\n"
        "b.json:5: findings[1].layer: expected a name or null, found 2",
    ),
    "sizes that are none": (
        _with("[64, 64]", "[64, 0]").replace("[64, 64]", '"64"'),
        "b.json:4: findings[0].resolution: expected pixels per axis or null, found [64, 0]\n"
        "b.json:5: findings[1].resolution: expected pixels per axis or null, found '64'",
    ),
    "an entry twice": (
        _with("conv2", "conv1"),
        "b.json:5: findings[1]: repeats the entry in line 4",
    ),
    "not UTF-8": ("{\n\udce9}", "b.json:2: expected UTF-8, found the byte 0xe9"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_mistakes_come_all_at_once_with_their_lines(text: str, said: str, tmp_path: Path) -> None:
    content = text.encode(errors="surrogateescape")
    (tmp_path / NAME).write_bytes(content)

    with pytest.raises(BaselineError) as caught:
        read_baseline(tmp_path / NAME, NAME)

    assert str(caught.value) == said + MEND
    assert (tmp_path / NAME).read_bytes() == content


def test_a_newer_version_is_refused_whatever_else_it_holds(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"version": 2, "entries": {}}', encoding="utf-8")

    with pytest.raises(BaselineError) as caught:
        read_baseline(tmp_path / NAME, NAME)

    assert str(caught.value) == (
        "b.json:1: version: expected at most 1, found 2: a newer rfa wrote it\n"
        "  install a version of pytest-rfa that reads it"
    )


def test_a_merge_that_was_not_settled_is_named_with_its_lines(tmp_path: Path) -> None:
    conflict = "<<<<<<< HEAD\n{}\n||||||| base\n=======\n{}\n>>>>>>> other\n"
    (tmp_path / NAME).write_text(f"[\n{conflict}3,\n{conflict}]\n", encoding="utf-8")

    with pytest.raises(ConflictError) as caught:
        read_baseline(tmp_path / NAME, NAME)

    assert str(caught.value) == (
        "b.json:2: expected a settled merge, found conflicts in lines 2 to 7, 9 to 14\n"
        "  `rfa baseline write` settles them: it writes what it finds now"
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match=r"^b.json: cannot be read: Is a directory$"):
        read_baseline(tmp_path, NAME)


def test_a_file_that_cannot_be_written_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / NAME
    write_baseline(path, [FIRST])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write_baseline(path, [SECOND])

    assert set(read_baseline(path, NAME)) == {FIRST}
    assert [each.name for each in tmp_path.iterdir()] == [NAME]
