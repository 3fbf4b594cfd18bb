"""Changes to inputs that keep their form: half of what is damaged still reads as what it was."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

NUMBERS = (
    0, 1, -1, 2, 3, 7, 64, 255, 256, 65536, 10**6, 10**9, 2**31 - 1, 2**31, -(2**31), 2**53 - 1,
    2**53, 2**63 - 1, 2**63, -(2**63), 2**64, 10**40, 10**400,
)  # fmt: skip
TEXTS = (
    "", " ", "x", "a.b", "a/b", "../..", "/etc/passwd", "\0", "\x1b[31m", "\u202e", "\ud800",
    "{0}", "{{7*7}}", "<script>", "%0A", "::error::", "]]>", "é", "x" * 5000, "\n", "64x64",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0.0, -0.0, 0.5, 1e308, -1e-308, float("inf"), float("nan"),
    [], {}, [[]], [0], [1, 1], *NUMBERS, *TEXTS,
)  # fmt: skip

_TOKEN = re.compile(r"\s+|[A-Za-z_][\w-]*|\d+|.", re.DOTALL)


def changed_text(data: bytes, dice: random.Random, words: Sequence[str]) -> bytes:
    """A text with a few of its words left out, doubled, moved, or made others."""
    tokens = _TOKEN.findall(data.decode("utf-8", "surrogateescape"))
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        at = dice.randrange(len(tokens) + 1)
        span = dice.choice((1, 1, 2, 5, 20))
        kind = dice.randrange(6)
        if kind == 0:
            del tokens[at : at + span]
        elif kind == 1:
            tokens[at:at] = tokens[at : at + span] * dice.choice((1, 1, 2, 50))
        elif kind == 2 and tokens:
            start = dice.randrange(len(tokens))
            tokens[at:at] = tokens[start : start + span]
        elif kind == 3:
            tokens[at : at + 1] = [str(dice.choice(NUMBERS))]
        elif kind == 4:
            tokens[at : at + 1] = [dice.choice(words)]
        else:
            tokens.insert(at, dice.choice((*words, *TEXTS)))
    return "".join(tokens).encode("utf-8", "replace" if dice.random() < 0.9 else "surrogatepass")


def changed_json(value: Any, dice: random.Random, words: Sequence[str]) -> Any:
    """A value of JSON in which a few places hold something else."""
    holder = [value]
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        _change(*dice.choice(_places(holder)), dice, holder, words)
    return holder[0]


def _places(holder: Any) -> list[tuple[Any, Any]]:
    """Every container in ``holder`` with each of its keys or indices."""
    found = []
    stack = [holder]
    while stack:
        one = stack.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one))
        found += [(one, key) for key in keys]
        stack += [one[key] for key in keys if isinstance(one[key], (dict, list))]
    return found


def _change(
    one: Any, key: Any, dice: random.Random, holder: list[Any], words: Sequence[str]
) -> None:
    kind = dice.randrange(7)
    if kind == 0 and one is not holder:
        del one[key]
    elif kind == 1:
        one[key] = deepcopy(dice.choice(VALUES))
    elif kind == 2:
        one[key] = dice.choice(words)
    elif kind == 3:
        other, place = dice.choice(_places(holder))
        one[key] = deepcopy(other[place])
    elif kind == 4 and isinstance(one, dict):
        one[dice.choice((*words, *TEXTS))] = one.pop(key)
    elif kind == 5 and isinstance(one, list) and one is not holder:
        one[key:key] = [deepcopy(one[key]) for _ in range(dice.choice((1, 2, 9)))]
    elif type(one[key]) is int:
        one[key] += dice.choice((-1, 1, 2, -2, 100))
    else:
        one[key] = deepcopy(dice.choice(VALUES))


def as_json(data: bytes) -> Any:
    """What a JSON text holds; None if it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
