"""The cache under pytest: what tests import on their own does not hide what models depend on."""

from __future__ import annotations

import sys

import pytest

MODELS = """\
import rfa_core as rfa
from acme.sizes import WIDTH


def net():
    with open("built.log", "a") as log:
        log.write("built ")
    graph = rfa.Graph("net")
    graph.conv("one", filters=WIDTH, kernel=3)
    return graph
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyprojecttoml('[tool.rfa]\nfactories = ["acme.models:net"]\n')
    pytester.mkpydir("acme")
    pytester.path.joinpath("acme/models.py").write_text(MODELS)
    pytester.path.joinpath("acme/sizes.py").write_text("WIDTH = 8\n")
    pytester.makeconftest("import sys\nsys.path.insert(0, '.')\nimport acme.models\n")
    pytester.makepyfile(test_models="from acme.models import net\n\ndef test_net(): pass\n")
    return pytester


def built(project: pytest.Pytester, *arguments: str) -> int:
    log = project.path / "built.log"
    log.unlink(missing_ok=True)
    project.runpytest_subprocess(*arguments).assert_outcomes(passed=3)
    return log.read_text().count("built") if log.exists() else 0


def test_a_model_that_did_not_change_is_not_built_again(project: pytest.Pytester):
    arguments = ("--rfa-res=16,32",)

    first, second = built(project, *arguments), built(project, *arguments)
    project.path.joinpath("acme/sizes.py").write_text("WIDTH = 16\n")

    assert (first, second, built(project, *arguments)) == (1, 0, 1)


def test_the_command_line_and_pytest_know_the_same_models(project: pytest.Pytester):
    built(project, "--rfa-res=16,32")

    project.run(sys.executable, "-m", "rfa_core", "check", "--res=16")
    ran = project.run(sys.executable, "-m", "rfa_core", "cache", "info")

    assert ran.ret == 0
    assert ran.outlines[1].split()[:2] == ["models", "2"]


def test_a_test_whose_import_fails_shows_its_own_line_and_none_of_ours(project: pytest.Pytester):
    project.makepyfile(test_gone="import nowhere_at_all\n")

    result = project.runpytest_subprocess("--rfa-res=16", "test_gone.py")

    result.stdout.fnmatch_lines(
        ["test_gone.py:1: in <module>", "*No module named 'nowhere_at_all'"]
    )
    result.stdout.no_fnmatch_line("*watching.py*")
