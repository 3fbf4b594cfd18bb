"""What plugins may describe, and what describing does not do."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import rfa_core as rfa
from rfa_core.errors import UsageError
from rfa_core.frontends.registering import FRAMEWORKS

DESCRIBES_ALL = """
import sys
import rfa_core as rfa
from rfa_core.frontends.registering import FRAMEWORKS

for sort, register in (("layer", rfa.layer_type), ("operation", rfa.operation)):
    for framework in FRAMEWORKS[sort]:
        register(framework, "acme.Involution")(lambda **_options: rfa.Pointwise())

libraries = {"torch", "keras", "tensorflow", "onnx", "jax", "flax", "numpy"}
print(sorted(libraries & sys.modules.keys()))
"""


def test_no_framework_is_imported_to_describe_what_it_has() -> None:
    found = subprocess.run(
        [sys.executable, "-c", DESCRIBES_ALL], capture_output=True, text=True, check=False
    )

    assert (found.stdout, found.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    ("sort", "register"), [("layer", rfa.layer_type), ("operation", rfa.operation)]
)
def test_what_a_framework_does_not_have_is_refused(sort: str, register: Any) -> None:
    for framework in {*FRAMEWORKS["layer"], *FRAMEWORKS["operation"]} - {*FRAMEWORKS[sort]}:
        with pytest.raises(UsageError) as error:
            register(framework, "Involution")

        assert error.value.message == f"a {sort} of {framework} cannot be described"
        assert error.value.hint == f"there are {', '.join(FRAMEWORKS[sort])}"
