import datetime
import math

import pytest

from rfa_core.config.settings import FactorySettings
from rfa_core.config.toml import loads
from rfa_core.config.written import plain, toml
from rfa_core.receptive.resolution import Resolution

VALUES = {
    "words": ('say "no"\\\n\ttab \x7f \x01 ü', '"say \\"no\\"\\\\\\n\\ttab \\u007f \\u0001 ü"'),
    "truth": (True, "true"),
    "whole": (-3, "-3"),
    "fraction": (0.05, "0.05"),
    "small": (1e-7, "1e-07"),
    "infinite": (-math.inf, "-inf"),
    "a day": (datetime.date(2024, 2, 29), "2024-02-29"),
    "a time": (datetime.time(7, 30), "07:30:00"),
    "a moment": (
        datetime.datetime(2024, 2, 29, 7, 30, tzinfo=datetime.timezone.utc),
        "2024-02-29T07:30:00+00:00",
    ),
    "lists": ([1, [2, "a"], []], '[1, [2, "a"], []]'),
    "tables": ({"a-b": 1, "c d": {"e": []}, "": {}}, '{ a-b = 1, "c d" = { e = [] }, "" = {} }'),
}


@pytest.mark.parametrize(("value", "text"), VALUES.values(), ids=VALUES)
def test_what_is_written_is_read_again(value, text):
    written = toml(value)

    assert written == text
    assert loads(f"key = {written}") == {"key": value}


def test_settings_are_written_as_they_were_given():
    entries = (
        FactorySettings("a:b"),
        FactorySettings(
            "c:d",
            kwargs={"depth": 4},
            input_shape=((1, 3, "H", "W"), (1,)),
            resolutions=(Resolution((64,)), Resolution((64, 96))),
            ignore=("RFA103",),
        ),
    )

    assert plain(entries) == [
        "a:b",
        {
            "target": "c:d",
            "kwargs": {"depth": 4},
            "input-shape": [[1, 3, "H", "W"], [1]],
            "resolutions": [64, "64x96"],
            "ignore": ["RFA103"],
        },
    ]
