"""What workers answer arrives as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing import Pipe

import pytest

from rfa_core.parallel.replies import Replies, sealed


@dataclass(frozen=True, slots=True)
class Slotted:
    name: str
    parts: tuple[object, ...] = ()
    length: int = field(init=False, compare=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", len(self.name))


@dataclass(frozen=True, slots=True)
class Inherits(Slotted):
    extra: float = 0.5


@dataclass(slots=True)
class Changes:
    number: int = 1


@dataclass(frozen=True)
class Spacious:
    """Keeps a dictionary."""

    number: int


def _changed() -> Changes:
    changes = Changes()
    changes.number = 7
    return changes


class Once:
    """A pipe from here to here that takes one reply."""

    def __init__(self) -> None:
        self.ours, self.theirs = Pipe()

    def carried(self, value: object) -> object:
        replies = Replies(self.ours)
        self.theirs.send_bytes(sealed(replies.seal, ("done", value)))
        return replies.read()[1]

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


@pytest.fixture
def pipe() -> Iterator[Once]:
    once = Once()
    yield once
    once.close()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Slotted("conv1", (1, None)), id="slotted"),
        pytest.param(Inherits("conv1", extra=1.5), id="with inherited slots"),
        pytest.param(_changed(), id="changed after it was made"),
        pytest.param(Spacious(3), id="with a dictionary"),
        pytest.param([Slotted("a", (Slotted("b"), Slotted))], id="inside others, and its class"),
    ],
)
def test_values_arrive_as_they_were_sent(pipe: Once, value: object) -> None:
    arrived = pipe.carried(value)

    assert arrived == value
    assert type(arrived) is type(value)


def test_a_value_that_is_sent_twice_in_a_reply_arrives_as_one(pipe: Once) -> None:
    shared = Slotted("conv1")

    first, second = pipe.carried([shared, shared])  # type: ignore[misc]

    assert first == shared
    assert first is second
