"""Models that their authors mark, by comment and by decorator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping

import pytest

import rfa_core
from rfa_core.discovery.scan import scan
from rfa_core.discovery.targets import resolve

Tree = Callable[[Mapping[str, str]], str]

HEAD = "import torch\nfrom torch import nn\nimport rfa_core\n\n"


@pytest.mark.parametrize(
    ("decorator", "resolutions", "arguments"),
    [
        ("@rfa_core.model", [], {}),
        ("@rfa_core.model()", [], {}),
        ("@rfa_core.model(res=64)", ["64"], {}),
        ("@rfa_core.model(res='96x128')", ["96x128"], {}),
        ("@rfa_core.model(res=[32, '96x128'])", ["32", "96x128"], {}),
        (
            "@rfa_core.model(kwargs={'depth': 3, 'width': [1, 2]})",
            [],
            {"depth": 3, "width": [1, 2]},
        ),
    ],
)
def test_a_decorator_marks_a_model_and_says_how_it_is_checked(
    tree: Tree, decorator: str, resolutions: list[str], arguments: dict[str, object]
) -> None:
    root = tree({"m.py": f"{HEAD}{decorator}\ndef _make(depth=1, width=()):\n    return load()\n"})

    for listing in (scan(["."], root, ()), resolve(["m.py::_make"], root, ())):
        (target,) = listing.targets
        assert (target.name, target.line) == ("m.py::_make", 6)
        assert list(map(str, target.resolutions)) == resolutions
        assert target.arguments == arguments
        assert target.problem == ""


@pytest.mark.parametrize(
    ("head", "decorator"),
    [
        ("import rfa_core as rfa", "@rfa.model(res=64)"),
        ("from rfa_core import model", "@model(res=64)"),
        ("from rfa_core import model as checked", "@checked(res=64)"),
    ],
)
def test_the_decorator_is_known_by_every_name_it_is_imported_as(
    tree: Tree, head: str, decorator: str
) -> None:
    root = tree({"m.py": f"import torch\n{head}\n{decorator}\ndef make():\n    return load()\n"})

    (target,) = scan(["."], root, ()).targets

    assert target.reasons == ("decorated with `@rfa_core.model`",)


@pytest.mark.parametrize("head", ["from acme import model", "model = print"])
def test_a_decorator_of_the_same_name_is_another(tree: Tree, head: str) -> None:
    root = tree({"m.py": f"import torch\n{head}\n@model\ndef make():\n    return load()\n"})

    assert scan(["."], root, ()).targets == ()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("res=SIZE", "res is read and not run: write it out as a literal, or give it in an entry"),
        ("res='64 px'", "'64 px' is not a resolution; write pixels as 64"),
        ("res=0", "resolution '0' is impossible; every size must be between 1"),
        ("kwargs=[1]", "kwargs is a dictionary of arguments by name, not [1]"),
        ("depth=4", "it takes res and kwargs, not depth"),
        ("**OPTIONS", "it takes res and kwargs, not **"),
        ("64", "its arguments are given by name, as res=64"),
    ],
)
def test_a_decorator_that_cannot_be_read_is_a_problem_of_that_model(
    tree: Tree, arguments: str, problem: str
) -> None:
    root = tree({"m.py": f"{HEAD}@rfa_core.model({arguments})\ndef make():\n    return load()\n"})

    (target,) = scan(["."], root, ()).targets

    assert target.problem.startswith(f"@rfa_core.model in line 5: {problem}")


def test_kwargs_of_the_decorator_are_not_missed_and_the_rest_is_filled_in(tree: Tree) -> None:
    source = (
        f"{HEAD}@rfa_core.model(kwargs={{'depth': 3}})\nclass Net(nn.Module):\n"
        "    def __init__(self, depth, num_classes): ...\n    def forward(self, x): ...\n"
    )
    root = tree({"m.py": source})

    (found,), (named,) = (
        scan(["."], root, ()).targets,
        resolve(["m.py::Net"], root, ()).targets,
    )

    assert found.arguments == named.arguments == {"depth": 3, "num_classes": 10}


def test_comments_settle_what_reading_cannot_and_win_over_a_decorator(tree: Tree) -> None:
    source = (
        f"{HEAD}def yes():  # rfa: model\n    return load()\n"
        "@rfa_core.model\nclass No(nn.Module):  # rfa: not-a-model\n    def forward(self, x): ...\n"
        "@rfa_core.model(res=32)\ndef both():  # rfa: model\n    return load()\n"
    )
    root = tree({"m.py": source})

    listing = scan(["."], root, ())

    marks = [(one.name, one.reasons, list(map(str, one.resolutions))) for one in listing.targets]
    assert marks == [
        ("m.py::yes", ("marked `# rfa: model`",), []),
        ("m.py::both", ("decorated with `@rfa_core.model`",), ["32"]),
    ]
    assert [one.reason for one in listing.left_alone] == ["marked `# rfa: not-a-model`"]


def test_at_run_time_the_decorator_gives_back_what_it_gets_and_imports_nothing() -> None:
    def factory() -> int:
        return 1

    assert rfa_core.model(factory) is factory
    assert rfa_core.model(res=64, kwargs={"depth": 3})(factory) is factory
    code = (
        "import sys, rfa_core; rfa_core.model(res=1); "
        "print(*sorted(name for name in sys.modules if name.startswith('rfa_core')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["rfa_core", "rfa_core.marking"]
