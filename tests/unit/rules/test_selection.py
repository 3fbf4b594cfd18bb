"""Which rules are on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rfa_core.errors import UsageError
from rfa_core.rules import RULES, nearest_rule, select_rules, unknown_selectors, without
from rfa_core.rules.registry import registry
from rfa_core.rules.unproductive_layer import UnproductiveLayer

DEFAULT = ("RFA1", "RFA201", "RFA202", "RFA9")


@pytest.mark.parametrize(
    ("select", "ignore", "extend", "codes"),
    [
        (DEFAULT, (), (), "101 102 103 104 105 201 202 901 902 903 904 910 911"),
        (DEFAULT, (), ("RFA203",), "101 102 103 104 105 201 202 203 901 902 903 904 910 911"),
        (("RFA9",), (), ("RFA3",), "301 302 303 304 901 902 903 904 910 911"),
        (
            ("ALL",),
            (),
            (),
            "101 102 103 104 105 201 202 203 301 302 303 304 901 902 903 904 910 911",
        ),
        (("RFA",), ("RFA9", "RFA3"), (), "101 102 103 104 105 201 202 203"),
        (("RFA101",), (), (), "101"),
        (("RFA1", "RFA904"), ("RFA10", "RFA9"), (), "904"),
        (("RFA101",), ("RFA1",), (), "101"),
        (("RFA1",), ("RFA101",), (), "102 103 104 105"),
        (("RFA101",), ("RFA101",), (), ""),
        (("RFA2",), (), ("RFA103",), "103 201 202 203"),
        (("RFA2",), ("RFA1",), ("RFA103",), "103 201 202 203"),
        ((), (), (), ""),
    ],
)
def test_the_longest_selector_decides_and_ignore_wins_a_draw(
    select: tuple[str, ...], ignore: tuple[str, ...], extend: tuple[str, ...], codes: str
) -> None:
    rules = select_rules(select, ignore, extend)

    assert [rule.code for rule in rules] == [f"RFA{code}" for code in codes.split()]


def test_what_one_factory_ignores_is_off_however_it_was_selected() -> None:
    rules = select_rules(["RFA101", "RFA2"])

    assert [rule.code for rule in without(rules, ["RFA1"])] == ["RFA201", "RFA202", "RFA203"]


def test_selectors_that_fit_no_rule_are_refused_all_at_once_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        select_rules(["RFA1O1"], ["E501"])

    assert caught.value.message == "no rule has a code that begins with 'RFA1O1', 'E501'"
    assert caught.value.hint.startswith("did you mean RFA101? The rules are RFA101, RFA102")


def test_a_factory_cannot_ignore_rules_that_do_not_exist() -> None:
    with pytest.raises(UsageError, match="'W0'"):
        without((), ["W0"])


def test_unknown_selectors_are_told_apart() -> None:
    assert unknown_selectors(["RFA1", "rfa1", "X"]) == ("rfa1", "X")


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("RFA111", "RFA101"),
        ("rfa902", "RFA902"),
        ("unproductive-layers", "unproductive-layer"),
        ("zzz", None),
    ],
)
def test_the_nearest_rule_is_found_by_code_or_name(text: str, nearest: str | None) -> None:
    assert nearest_rule(text) == nearest


def test_rules_are_sorted_by_code_and_cannot_be_changed() -> None:
    assert list(RULES) == sorted(RULES)
    assert [rule.code for rule in RULES.values()] == list(RULES)
    with pytest.raises(TypeError):
        RULES["RFA999"] = UnproductiveLayer()  # type: ignore[index]


def test_a_second_rule_of_the_same_code_or_name_is_refused() -> None:
    class Twin(UnproductiveLayer):
        code = "RFA199"

    with pytest.raises(ValueError, match="two rules have the code RFA101"):
        registry([UnproductiveLayer(), UnproductiveLayer()])
    with pytest.raises(ValueError, match="RFA101 and RFA199 have the name unproductive-layer"):
        registry([UnproductiveLayer(), Twin()])


def test_importing_the_rules_imports_nothing_heavy() -> None:
    script = (
        "import sys, rfa_core.rules, rfa_core.report\n"
        "assert not {'rich', 'numpy', 'torch', 'junit_xml'} & set(sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)

    assert (done.returncode, done.stderr) == (0, b"")
