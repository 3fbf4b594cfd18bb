"""Whose a file is decides what a model depends on."""

from __future__ import annotations

import os
import sysconfig

import pytest

from rfa_core.cache.origins import INSTALLED, OWN, SYSTEM, needed_by, origin

SCRIPTS = sysconfig.get_path("scripts")


@pytest.mark.parametrize(
    ("file", "whose"),
    [
        ("/home/me/project/net.py", OWN),
        ("/dev/shm/project/net.py", OWN),
        ("/dev/null", SYSTEM),
        ("/opt/lib/site-packages/timm/__init__.py", INSTALLED),
        (os.__file__, SYSTEM),
        (f"{SCRIPTS}/rfa", SYSTEM),
        ("<string>", SYSTEM),
    ],
    ids=["project", "project in memory", "device", "library", "Python", "script", "no file"],
)  # fmt: skip
def test_a_file_is_of_the_project_or_installed_or_of_the_system(file: str, whose: str):
    assert origin(file) == whose


def test_what_a_package_needs_comes_with_it_as_far_as_it_is_imported():
    needed = needed_by(["pytest"])

    assert {"pytest", "pluggy"} <= needed
    assert needed_by(["no_such_module"]) == {"no_such_module"}
