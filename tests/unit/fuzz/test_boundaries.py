"""What others wrote, made up by Hypothesis: it has a result, or one clear error of ours."""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rfa_core.baseline import read_baseline, write_baseline
from rfa_core.cache.container import NoEntryError, packed, unpacked
from rfa_core.config.load import load_settings
from rfa_core.config.schema import KEYS
from rfa_core.errors import ConfigurationError
from rfa_core.findings import Concern

ROOT = Path(__file__).parents[3]
CORPUS = ROOT / "tests" / "corpus"
pytestmark = pytest.mark.skipif(not (ROOT / "fuzz").exists(), reason="needs the checkout")
sys.path.append(str(ROOT))

contract = pytest.importorskip("fuzz.contract")
targets = pytest.importorskip("fuzz.targets")

few = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
many = settings(few, max_examples=40)
text = st.text(st.characters(exclude_categories=()), max_size=20)
plain = st.none() | st.booleans() | st.integers() | st.floats() | text
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4)
)


@pytest.mark.parametrize("name", [*targets.TARGETS, *targets.MISSING])
@few
@given(seed=st.integers(0, 2**32 - 1))
def test_a_changed_input_has_a_result_or_one_clear_error(name: str, seed: int) -> None:
    if name in targets.MISSING:
        pytest.skip(targets.MISSING[name])
    boundary, dice = targets.TARGETS[name], random.Random(seed)
    begins = [file.read_bytes() for file in sorted((CORPUS / name).iterdir())]
    data = boundary.change(dice.choice([one for one in begins if len(one) < 20_000]), dice)

    with tempfile.TemporaryDirectory() as folder:
        found = contract.hold(boundary.read, data, Path(folder))

    assert found


@many
@given(key=st.sampled_from(sorted(KEYS)), value=values)
def test_any_value_of_a_key_is_taken_or_refused_by_its_name(
    key: str, value: Any, tmp_path: Path
) -> None:
    try:
        made = load_settings(tmp_path, isolated=True, overrides={key: value})
    except ConfigurationError as error:
        assert key in error.message
        return

    assert hash(str(made))


@many
@given(
    found=st.sets(
        st.builds(
            Concern,
            text.filter(bool),
            text.filter(bool),
            st.none() | st.lists(st.integers(1, 10**6), min_size=1, max_size=3).map(tuple),
            st.none() | text.filter(bool),
        ),
        max_size=5,
    )
)
def test_any_accepted_findings_are_read_as_they_were_written(
    found: set[Concern], tmp_path: Path
) -> None:
    file = tmp_path / "accepted.json"

    write_baseline(file, found)

    assert set(read_baseline(file, file.name)) == found


@many
@given(sections=st.lists(values.filter(lambda value: value == value), min_size=1, max_size=4))
def test_any_sections_come_back_from_the_container(sections: list[Any]) -> None:
    data = packed(sections)
    assert data is not None

    back = unpacked(data, range(len(sections)))

    assert repr(back) == repr(sections)


@many
@given(sections=st.lists(plain, min_size=1, max_size=3), at=st.integers(0), bit=st.integers(0, 7))
def test_an_entry_of_which_a_bit_is_turned_is_none(sections: list[Any], at: int, bit: int) -> None:
    data = bytearray(packed(sections) or b"")
    data[at % len(data)] ^= 1 << bit

    with pytest.raises(NoEntryError):
        unpacked(bytes(data), [0])
