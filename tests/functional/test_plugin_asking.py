"""The ``rfa`` fixture and the marker, in users' own tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[[str, str], Path]

NETS = """\
import pytest
import rfa_core

def chain(depth):
    net = rfa_core.Graph("chain", channels=3)
    for number in range(depth):
        net.conv(f"conv{number}", filters=8, kernel=3)
    return net
"""


@pytest.fixture
def ask(pytester: pytest.Pytester, write: Write) -> Callable[..., pytest.RunResult]:
    """Run tests about ``chain(depth)`` in a project that is judged at 16 px."""
    write("pyproject.toml", "[tool.rfa]\nresolutions = [16]\n")

    def run(tests: str, *options: str) -> pytest.RunResult:
        write("test_nets.py", f"{NETS}\n{tests}")
        return pytester.runpytest("-q", "--tb=short", *options)

    return run


def test_the_fixture_analyses_and_asserts(ask: Callable[..., pytest.RunResult]) -> None:
    result = ask(
        "def test_net(rfa):\n"
        "    net = chain(3)\n"
        "    assert rfa.analyse(net).unproductive == ()\n"
        "    assert [one.layer.name for one in rfa.analyse(net, res=2).unproductive]\n"
        "    rfa.assert_receptive_field(net, {'conv2': 7})\n"
        "    rfa.assert_productive(net)\n"
        "    rfa.assert_productive(net, res=2, ignore=['RFA101'])\n",
    )

    result.assert_outcomes(passed=1)


def test_a_failing_assertion_shows_the_users_line_and_the_findings_only(
    ask: Callable[..., pytest.RunResult],
) -> None:
    result = ask("def test_net(rfa):\n    rfa.assert_productive(chain(12))\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "test_nets.py:11: in test_net",
            "    rfa.assert_productive(chain(12))",
            "E   AssertionError: chain: RFA101, RFA103",
            "E   error RFA101 unproductive-layer*",
            "FAILED test_nets.py::test_net - AssertionError: chain: RFA101, RFA103",
        ]
    )
    result.stdout.no_fnmatch_line("*rfa_core*testing.py*")


def test_a_marked_test_returns_the_model_that_is_checked(
    ask: Callable[..., pytest.RunResult],
) -> None:
    result = ask(
        "@pytest.mark.rfa(res=64)\ndef test_large():\n    return chain(12)\n"
        "@pytest.mark.rfa\ndef test_configured():\n    return chain(12)\n"
        "@pytest.mark.rfa(ignore=['RFA1'])\ndef test_ignored():\n    return chain(12)\n",
    )

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["chain: RFA101, RFA103", "FAILED test_nets.py::test_configured - *"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_marked_test_names_the_fixtures_that_are_models(
    ask: Callable[..., pytest.RunResult],
) -> None:
    result = ask(
        "@pytest.fixture(params=[3, 12])\ndef net(request):\n    return chain(request.param)\n"
        "class TestNet:\n"
        "    @pytest.mark.rfa('net', res='64,16')\n"
        "    def test_it(self, net, tmp_path):\n"
        "        assert net is not None and tmp_path.is_dir()\n",
        "-rA",
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["PASSED *test_it[[]3[]]", "FAILED *test_it[[]12[]] - Failed: chain: RFA101, RFA103*"]
    )


@pytest.mark.parametrize(
    ("mark", "body", "said"),
    [
        ("res=64", "pass", "test_net returned None, expected a model; return it, or name *"),
        ("'nett'", "pass", "test_net has no fixture 'nett'; it has net"),
        ("rse=64", "return net", "takes res, ignore, input_shape, not rse"),
    ],
)
def test_a_wrong_marker_is_told_in_one_line(
    ask: Callable[..., pytest.RunResult], mark: str, body: str, said: str
) -> None:
    result = ask(
        f"@pytest.fixture\ndef net():\n    return chain(3)\n"
        f"@pytest.mark.rfa({mark})\ndef test_net(net):\n    {body}\n"
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"@pytest.mark.rfa: {said}"])


def test_what_is_no_model_is_named(ask: Callable[..., pytest.RunResult]) -> None:
    result = ask("@pytest.mark.rfa\ndef test_net():\n    return 3\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["an object of type int is no model"])
