"""Importing user code under guard."""

from __future__ import annotations

import os
import pickle
import sys
import warnings
from collections.abc import Callable, Mapping
from importlib.abc import MetaPathFinder
from pathlib import Path

import pytest

from rfa_core.discovery.candidates import Target
from rfa_core.discovery.failures import FailedImportError
from rfa_core.discovery.load import load
from rfa_core.discovery.zoo import zoo_targets
from rfa_core.errors import MissingDependencyError, ModuleImportError, TargetError

Tree = Callable[[Mapping[str, str]], str]

FACTORY = "def net():\n    return VALUE\n"


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("acme.models:net", {"acme/__init__.py": "", "acme/models.py": f"VALUE = 1\n{FACTORY}"}),
        (
            "layout.models:net",
            {
                "src/layout/__init__.py": "",
                "src/layout/models.py": f"from .values import VALUE\n{FACTORY}",
                "src/layout/values.py": "VALUE = 1\n",
            },
        ),
        ("space.models:net", {"src/space/models.py": f"VALUE = 1\n{FACTORY}"}),
        (
            "inner/pack/models.py::net",
            {
                "inner/pack/__init__.py": "",
                "inner/pack/models.py": f"from .values import VALUE\n{FACTORY}",
                "inner/pack/values.py": "VALUE = 1\n",
            },
        ),
        (
            "scripts/train.py::net",
            {
                "scripts/train.py": f"from sibling import VALUE\n{FACTORY}",
                "scripts/sibling.py": "VALUE = 1",
            },
        ),
        (
            "zoo/models.py::net",
            {
                "zoo/models.py": f"from .values import VALUE\n{FACTORY}",
                "zoo/values.py": "VALUE = 1",
            },
        ),
        ("models.py::Net.make", {"models.py": "class Net:\n    def make():\n        return 1\n"}),
    ],
)
def test_a_factory_is_imported_the_way_its_file_asks_for(
    tree: Tree, name: str, files: Mapping[str, str]
) -> None:
    root = tree(files)

    factory = load(Target(name), root)

    assert factory() == 1


def test_scripts_of_one_name_and_their_siblings_do_not_clash(tree: Tree) -> None:
    script = f"from model import VALUE\n{FACTORY}"
    files = {f"{n}/train.py": script for n in "ab"} | {
        f"{n}/model.py": f"VALUE = '{n}'\n" for n in "ab"
    }
    root = tree(files)

    made = [load(Target(f"{n}/{file}::net"), root)() for n in "ab" for file in ("train.py",)]

    assert made == ["a", "b"]
    assert "model" not in sys.modules


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names of any bytes")
def test_a_script_may_lie_where_no_character_stands_for_a_byte(tree: Tree) -> None:
    folder = os.fsdecode(b"caf\xe9")
    root = tree({f"{folder}/train.py": FACTORY.replace("VALUE", "1")})

    factory = load(Target(f"{folder}/train.py::net"), root)

    assert factory() == 1


def test_nothing_that_the_module_prints_reaches_our_streams(
    tree: Tree, capfd: pytest.CaptureFixture[str]
) -> None:
    noisy = "import os, sys\nprint('out')\nprint('err', file=sys.stderr)\nos.system('echo shell')\n"
    root = tree({"models.py": f"VALUE = 1\n{noisy}{FACTORY}"})

    load(Target("models.py::net"), root)

    assert capfd.readouterr() == ("", "")


def test_the_process_is_left_as_it_was_found(tree: Tree) -> None:
    meddling = (
        "import sys, warnings\nsys.path.append('x')\nsys.argv.append('y')\nwarnings.warn('z')\n"
    )
    root = tree({"models.py": f"VALUE = 1\n{meddling}{FACTORY}"})
    before = (list(sys.path), list(sys.argv), sys.stdin, list(warnings.filters))

    load(Target("models.py::net"), root)

    assert (list(sys.path), list(sys.argv), sys.stdin, list(warnings.filters)) == before


def test_a_module_that_parses_arguments_sees_only_itself(tree: Tree) -> None:
    parser = "import argparse\nparser = argparse.ArgumentParser()\nVALUE = parser.parse_args()\n"
    root = tree({"models.py": f"{parser}{FACTORY}"})

    factory = load(Target("models.py::net"), root)

    assert vars(factory()) == {}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "1 / 0\n",
            "models cannot be imported: ZeroDivisionError: division by zero (at acme/models.py:1)",
        ),
        ("def net(:\n", "models cannot be imported: SyntaxError"),
        (
            "\nimport surely_not_installed\n",
            "models needs the module 'surely_not_installed', which is not installed",
        ),
        ("import sys\nsys.exit(2)\n", "models exits when it is imported (at acme/models.py:2)"),
        ("input()\n", "models cannot be imported: EOFError"),
        (
            "class E(BaseException): ...\nraise E('odd')\n",
            "models cannot be imported: E: odd (at acme/models.py:2)",
        ),
    ],
)
def test_a_module_that_fails_says_why_and_where(tree: Tree, source: str, message: str) -> None:
    root = tree({"acme/__init__.py": "", "acme/models.py": source})

    with pytest.raises(ModuleImportError) as caught:
        load(Target("acme.models:net"), root)

    assert caught.value.message.startswith(f"acme.{message}")


def test_a_framework_that_is_missing_is_named_with_the_extra_that_brings_it(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree({"acme/__init__.py": "", "acme/models.py": "import flax\n"})
    monkeypatch.delitem(sys.modules, "flax", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])

    with pytest.raises(ModuleImportError) as caught:
        load(Target("acme.models:net"), root)

    assert str(caught.value) == (
        "acme.models needs the module 'flax', which is not installed (at acme/models.py:1)\n"
        "  install flax in this environment (pip install 'pytest-rfa[jax]'), "
        "or leave the file out with `exclude`"
    )


def test_a_module_that_an_installation_of_the_project_makes_is_named_whole(tree: Tree) -> None:
    root = tree({"scmade/__init__.py": "from scmade._version import x\n", "scmade/models.py": ""})

    with pytest.raises(ModuleImportError) as caught:
        load(Target("scmade.models:net"), root)

    assert str(caught.value) == (
        "scmade.models needs the module 'scmade._version', which is not in the project "
        "(at scmade/__init__.py:1)\n  what an installation makes, as a _version.py, is made by "
        "`pip install -e .`; or leave the file out with `exclude`"
    )


@pytest.mark.parametrize(
    ("zoo", "brought_by"), [("keras", "'pytest-rfa[tensorflow]'"), ("timm", "timm")]
)
def test_a_zoo_that_is_missing_says_what_brings_it(
    zoo: str, brought_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, zoo, raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])

    with pytest.raises(MissingDependencyError) as caught:
        zoo_targets(f"{zoo}:*")

    assert str(caught.value) == (
        f"{zoo} cannot be imported: {zoo} is not here\n  install it: pip install {brought_by}"
    )


class Missing(MetaPathFinder):
    """Finds that frameworks are not installed."""

    def find_spec(self, name: str, *_: object) -> None:
        if name in ("flax", "keras", "timm"):
            raise ModuleNotFoundError(f"{name} is not here", name=name)


def test_a_failed_import_keeps_the_traceback_and_the_output(tree: Tree) -> None:
    root = tree({"models.py": "print('before')\nraise ValueError('odd')\n"})

    with pytest.raises(FailedImportError) as caught:
        load(Target("models.py::net"), root)

    failure = pickle.loads(pickle.dumps(caught.value))
    assert "Traceback (most recent call last)" in failure.details
    assert "before" in failure.details
    assert (failure.file, failure.line) == (str(Path(root, "models.py")), 2)
    assert "Traceback" not in str(failure)


def test_an_interrupt_passes_through(tree: Tree) -> None:
    root = tree({"models.py": "raise KeyboardInterrupt\n"})

    with pytest.raises(KeyboardInterrupt):
        load(Target("models.py::net"), root)


def test_a_module_that_resolves_to_another_file_is_an_error_with_both(tree: Tree) -> None:
    root = tree({"json/__init__.py": "", "json/models.py": FACTORY, "json/decoder.py": FACTORY})

    with pytest.raises(ModuleImportError, match="resolves to another file") as caught:
        load(Target("json.decoder:net"), root)

    assert str(Path(root, "json", "decoder.py")) in caught.value.message
    assert os.path.join("json", "decoder.py was imported") in caught.value.message  # noqa: PTH118


def test_a_missing_factory_is_answered_with_the_nearest(tree: Tree) -> None:
    root = tree({"models.py": FACTORY})

    with pytest.raises(TargetError, match="has no factory 'nett'") as caught:
        load(Target("models.py::nett"), root)

    assert caught.value.hint == "did you mean 'models.py::net'?"


def test_what_cannot_be_called_is_no_factory(tree: Tree) -> None:
    root = tree({"models.py": "net = 3\n"})

    with pytest.raises(TargetError, match="is a int, not a function or class"):
        load(Target("models.py::net"), root)


@pytest.mark.torch
@pytest.mark.parametrize("name", ["torchvision:resnet18", "timm:resnet18"])
def test_the_factories_of_zoos_are_their_builders(tree: Tree, name: str) -> None:
    pytest.importorskip(name.partition(":")[0])

    factory = load(Target(name), tree({}))

    assert callable(factory)
