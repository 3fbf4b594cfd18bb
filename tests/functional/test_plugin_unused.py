"""Installed and not used, the plugin leaves everything heavy alone."""

from __future__ import annotations

import pytest

HEAVY = ("rfa_core", "torch", "torchvision", "numpy", "rich", "junit_xml")


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["-W", "error"],
        ["-p", "no:cacheprovider"],
        ["--collect-only"],
        ["--no-rfa", "--rfa", "--rfa-res=64"],
        ["--rfa-select=RFA1"],
        ["--no-rfa", "--rfa-target=torchvision:resnet18"],
        ["-m", "not rfa", "--strict-markers"],
    ],
)
def test_an_unused_plugin_imports_nothing_heavy(
    pytester: pytest.Pytester, options: list[str]
) -> None:
    pytester.makeconftest(
        f"""\
        import sys

        def pytest_unconfigure(config):
            assert config.pluginmanager.hasplugin("rfa")
            print("imported:", [name for name in {HEAVY!r} if name in sys.modules])
        """
    )
    pytester.makepyfile("def test_nothing():\n    pass\n")

    result = pytester.runpytest_subprocess(*options)

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["imported: []"])


def test_the_help_has_a_group_of_its_own(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--help")

    result.stdout.fnmatch_lines(["receptive fields:", "*--rfa *", "*--rfa-res=*", "*--no-rfa*"])


def test_the_marker_is_registered(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--markers")

    result.stdout.fnmatch_lines(
        ["@pytest.mark.rfa(*fixtures, res=None, *): the model that a test returns*"]
    )
