from textwrap import dedent

import pytest

from rfa_core.config.locate import key_lines

CASES = {
    "top-level keys": (
        """\
        # a comment = "no key"

        one = 1
        two = "a # b ] } ="  # comment
        """,
        {("one",): 3, ("two",): 4},
    ),
    "tables and dotted keys": (
        """\
        [tool.rfa]
        fail-on = "error"
        severity.RFA101 = "info"
        [tool.rfa.severity]
        "RFA104" = 'error'
        """,
        {
            ("tool",): 1,
            ("tool", "rfa"): 1,
            ("tool", "rfa", "fail-on"): 2,
            ("tool", "rfa", "severity"): 3,
            ("tool", "rfa", "severity", "RFA101"): 3,
            ("tool", "rfa", "severity", "RFA104"): 5,
        },
    ),
    "lists over several lines": (
        """\
        factories = [
          "a:b",  # first
          { target = "c:d", kwargs = { depth = 4 } },

          [1, [2,
           3]],
        ]
        after = 1
        """,
        {
            ("factories",): 1,
            ("factories", 0): 2,
            ("factories", 1): 3,
            ("factories", 1, "target"): 3,
            ("factories", 1, "kwargs"): 3,
            ("factories", 1, "kwargs", "depth"): 3,
            ("factories", 2): 5,
            ("factories", 2, 0): 5,
            ("factories", 2, 1): 5,
            ("factories", 2, 1, 0): 5,
            ("factories", 2, 1, 1): 6,
            ("after",): 8,
        },
    ),
    "empty lists and tables": (
        """\
        a = []
        b = [ ]
        c = {}
        d = [ # nothing
        ]
        e = { }
        f = 1
        """,
        {("a",): 1, ("b",): 2, ("c",): 3, ("d",): 4, ("e",): 6, ("f",): 7},
    ),
    "lists of tables": (
        """\
        [[factories]]
        target = "a"
        [[factories]]
        target = "b"
        [factories.kwargs]
        depth = 4
        """,
        {
            ("factories",): 1,
            ("factories", 0): 1,
            ("factories", 0, "target"): 2,
            ("factories", 1): 3,
            ("factories", 1, "target"): 4,
            ("factories", 1, "kwargs"): 5,
            ("factories", 1, "kwargs", "depth"): 6,
        },
    ),
    "strings that look like TOML": (
        '''\
        a = """
        b = 1
        \\""" ["""
        c = \'\'\'
        [no]
        \'\'\'
        d = "\\"]"
        e = ""
        f = """"quoted""""
        g = 1979-05-27 07:32:00
        "h.i" . 'j' = 1
        ''',
        {
            ("a",): 1,
            ("c",): 4,
            ("d",): 7,
            ("e",): 8,
            ("f",): 9,
            ("g",): 10,
            ("h.i",): 11,
            ("h.i", "j"): 11,
        },
    ),
    "an empty text": ("", {}),
    "a last line without an end": ("a = 1", {("a",): 1}),
}


@pytest.mark.parametrize(("text", "lines"), CASES.values(), ids=CASES)
def test_every_key_and_element_has_its_line(text, lines):
    found = key_lines(dedent(text))

    assert found == lines
