"""The files of the cache: what is put in comes out, and nothing else ever does."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfa_core.cache.container import LARGEST, MOST, NoEntryError, packed, unpacked

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def crafted(size: int, small: bytes, sections: int = 1) -> bytes:
    """A file whose checksum is right, and whose only section is said to have ``size`` bytes."""
    return whole(struct.pack("<III", sections, size, len(small)) + small)


def whole(body: bytes) -> bytes:
    return b"rfa cache 1\n" + struct.pack("<I", zlib.crc32(body)) + body


@given(sections=st.lists(JSON, min_size=1, max_size=3), data=st.data())
def test_sections_come_out_as_they_were_put_in(sections: list[object], data: st.DataObject):
    wanted = data.draw(st.lists(st.integers(0, len(sections) - 1), min_size=1, unique=True))

    content = packed(sections)

    assert content is not None
    assert unpacked(content, wanted) == [sections[place] for place in wanted]


@given(section=JSON, data=st.data())
def test_a_file_with_any_byte_changed_or_cut_off_is_no_entry(section: object, data: st.DataObject):
    content = packed([section]) or b""
    at = data.draw(st.integers(0, len(content) - 1))
    bit = data.draw(st.sampled_from([0, *(1 << place for place in range(8))]))
    damaged = bytearray(content)
    damaged[at] ^= bit

    with pytest.raises(NoEntryError):
        unpacked(bytes(damaged) if bit else content[:at], [0])


@given(content=st.binary(max_size=200))
def test_what_somebody_else_wrote_is_no_entry(content: bytes):
    with pytest.raises(NoEntryError):
        unpacked(b"rfa cache 1\n" + content, [0])


MANY = zlib.compress(b"0" * 1000)
LISTS = b"[" + b"[]," * (MOST // 2) + b"[]]"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(crafted(LARGEST + 1, MANY), id="a size that is too large"),
        pytest.param(crafted(10, MANY), id="more than it says"),
        pytest.param(crafted(2000, MANY), id="less than it says"),
        pytest.param(crafted(1000, MANY[:-5]), id="cut off inside"),
        pytest.param(crafted(4, b"\x00\x01\x02\x03"), id="not compressed"),
        pytest.param(crafted(3, zlib.compress(b"[1,")), id="no JSON"),
        pytest.param(crafted(2, zlib.compress(b"\xff\xfe")), id="no text"),
        pytest.param(crafted(200_000, zlib.compress(b"[" * 200_000)), id="too deep"),
        pytest.param(crafted(5000, zlib.compress(b"1" * 5000)), id="a number of 5,000 digits"),
        pytest.param(crafted(2**32 - 1, b""), id="nothing, said to be much"),
        pytest.param(crafted(len(LISTS), zlib.compress(LISTS)), id="more values than memory"),
        pytest.param(whole(struct.pack("<I", 1)), id="no section"),
        pytest.param(whole(struct.pack("<I", 2**32 - 1)), id="too few sections"),
        pytest.param(packed([1]).replace(b"cache 1", b"cache 2"), id="another version"),  # type: ignore[union-attr]
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_made_to_do_harm_is_no_entry(content: bytes):
    with pytest.raises(NoEntryError):
        unpacked(content, [0])


def test_what_would_be_too_large_is_not_packed():
    assert packed(["x" * (LARGEST + 1)]) is None
    assert packed(["[" * (MOST + 1)]) is None
