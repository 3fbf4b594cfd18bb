"""JSON made small without loss: equal objects in a list become columns, and columns that repeat
themselves become indices. ``page/packing.js`` unpacks."""

from __future__ import annotations

from collections.abc import Sequence

Json = object


def packed(value: Json) -> Json:
    """``value`` with its lists made small.

    ``{"$": n, "all": value}`` is a list of n equal values; ``{"$": n, "of": {key: column}}`` one of
    n objects with the same keys; ``{"$": n, "one": values, "at": column}`` one of few different
    values, by their places. A dollar is no key of a report.
    """
    if isinstance(value, dict):
        return {key: packed(one) for key, one in value.items()}
    return _list(value) if isinstance(value, (list, tuple)) else value


def _list(values: Sequence[Json]) -> Json:
    number = len(values)
    if number > 2:
        texts = [one if isinstance(one, str) else repr(one) for one in values]
        kinds = {type(one) is str for one in values}
        distinct = dict(zip(texts, values, strict=True)) if len(kinds) == 1 else None
        if distinct is not None and len(distinct) == 1:
            return {"$": number, "all": packed(values[0])}
        if distinct is not None and 2 * len(distinct) < number and _is_long(texts):
            places = {text: place for place, text in enumerate(distinct)}
            at = [places[text] for text in texts]
            return {"$": number, "one": packed(list(distinct.values())), "at": packed(at)}
    if number > 1 and all(isinstance(one, dict) for one in values):
        keys = list(values[0])  # type: ignore[call-overload]
        if all(list(one) == keys for one in values):  # type: ignore[call-overload]
            columns = {key: packed([one[key] for one in values]) for key in keys}  # type: ignore[index]
            return {"$": number, "of": columns}
    return [packed(one) for one in values]


def _is_long(texts: Sequence[str]) -> bool:
    """Whether places are shorter than what they stand for."""
    return sum(map(len, texts)) > 3 * len(texts)
