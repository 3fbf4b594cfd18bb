"""Changes to protocol buffers that keep them protocol buffers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from google.protobuf.descriptor import FieldDescriptor as Field

NUMBERS = (0, 1, -1, 2, 3, 4, 7, 8, 12, 16, 64, 1000, 2**31 - 1, -(2**31), 2**40, 2**62, -(2**63))
_WHOLE = (Field.CPPTYPE_INT32, Field.CPPTYPE_INT64, Field.CPPTYPE_UINT32, Field.CPPTYPE_UINT64)
_BOUNDS = {
    Field.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    Field.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    Field.CPPTYPE_UINT32: (0, 2**32 - 1),
    Field.CPPTYPE_UINT64: (0, 2**64 - 1),
}


def changed_message(message: Any, dice: random.Random, words: Sequence[str]) -> None:
    """Change a few fields somewhere inside ``message``, in place."""
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        inner = _messages(message)
        one = dice.choice(inner)
        fields = list(one.DESCRIPTOR.fields)
        present = [field for field, _ in one.ListFields()]
        field = dice.choice(present if present and dice.random() < 0.8 else fields)
        _change(one, field, dice, [*words, *_texts(inner)], inner)


def _messages(message: Any) -> list[Any]:
    found = [message]
    for one in found:
        for field, value in one.ListFields():
            if field.cpp_type == Field.CPPTYPE_MESSAGE:
                found += value if _is_repeated(field) else [value]
    return found


def _texts(messages: Sequence[Any]) -> list[str]:
    """The names that stand in ``messages``, so that others come to mean the same."""
    return [
        text
        for one in messages
        for field, value in one.ListFields()
        if field.type == Field.TYPE_STRING
        for text in (value if _is_repeated(field) else [value])
        if isinstance(text, str)  # those that are no UTF-8 are bytes
    ]


def _change(
    one: Any, field: Any, dice: random.Random, words: Sequence[str], others: Sequence[Any]
) -> None:
    if not _is_repeated(field):
        if dice.random() < 0.15:
            one.ClearField(field.name)
        elif field.cpp_type == Field.CPPTYPE_MESSAGE:
            _become(getattr(one, field.name), dice, others)
        else:
            setattr(one, field.name, _value(field, dice, words))
        return
    values = getattr(one, field.name)
    kind = dice.randrange(5)
    at = dice.randrange(len(values)) if values else 0
    if kind == 0 and values:
        del values[at]
    elif field.cpp_type == Field.CPPTYPE_MESSAGE:
        _become(values[at] if values and kind < 3 else values.add(), dice, others)
    elif values and kind < 3:
        values[at] = _value(field, dice, words)
    elif values and kind == 3:
        values.append(values[at])
    else:
        values.append(_value(field, dice, words))


def _become(one: Any, dice: random.Random, others: Sequence[Any]) -> None:
    """Let ``one`` be as another message of its kind."""
    same = [other for other in others if other.DESCRIPTOR.full_name == one.DESCRIPTOR.full_name]
    if same:
        copy = type(one)()
        copy.CopyFrom(dice.choice(same))
        one.CopyFrom(copy)


def _value(field: Any, dice: random.Random, words: Sequence[str]) -> Any:
    if field.cpp_type in _WHOLE:
        low, high = _BOUNDS[field.cpp_type]
        return min(max(dice.choice(NUMBERS), low), high)
    if field.cpp_type == Field.CPPTYPE_ENUM:
        return dice.choice(field.enum_type.values).number
    if field.cpp_type in (Field.CPPTYPE_FLOAT, Field.CPPTYPE_DOUBLE):
        return dice.choice((0.0, 0.5, 1.0, 2.0, -1.0, 1e30, float("inf"), float("nan")))
    if field.cpp_type == Field.CPPTYPE_BOOL:
        return dice.random() < 0.5
    text = dice.choice(words).encode("utf-8", "replace")
    return text.decode() if field.type == Field.TYPE_STRING else text + bytes(dice.randrange(9))


def _is_repeated(field: Any) -> bool:
    return bool(field.is_repeated)
