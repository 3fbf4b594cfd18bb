"""The plugin with PyTorch: real models, from the first import to the report."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.torch

Write = Callable[[str, str], Path]

MODELS = """\
import warnings
from pathlib import Path

from torch import nn

warnings.warn("imported", DeprecationWarning)


class Net(nn.Module):
    def __init__(self, kernel):
        super().__init__()
        warnings.warn("built", UserWarning)
        self.first = nn.Conv2d(3, 8, kernel)
        self.second = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        print("forward")
        warnings.warn("called", UserWarning)
        return self.second(self.first(x))


def wide():
    with Path("built.txt").open("a") as log:
        log.write("wide\\n")
    return Net(9)


def narrow():
    return Net(3)
"""

BROKEN = {
    "unimportable": "import nowhere\n\ndef model(): ...\n",
    "unbuildable": "def model():\n    raise ValueError('no weights')\n",
    "untraceable": (
        "from torch import nn\n\n"
        "class Net(nn.Module):\n"
        "    def forward(self, x):\n"
        "        raise KeyError('mode')\n\n"
        "def model():\n    return Net()\n"
    ),
}


WIDE_AT_9 = """\
=== FAILURES ===
___ rfa wide @ 9 ___
error RFA101 unproductive-layer  nets.py:14:9
  12 |         warnings.warn("built", UserWarning)
  13 |         self.first = nn.Conv2d(3, 8, kernel)
  14 |         self.second = nn.Conv2d(8, 8, 3, padding=1)
     |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  15 |
  16 |     def forward(self, x):
  nets:wide at 9 px
  second is past the border at 9 px: its input already sees 9 px, all of the image; a tie decides
  (tie = "productive" lets it pass); it is the border layer; 23 % of the parameters and 23 % of the
  multiply-accumulates are dead weight
     layer   type    kernel  receives  sees  map  parameters
  ✖  second  Conv2d     3x3         9    11  1x1         584
  = help: let the footprint grow later, or drop this layer, or use images of at least 10 px: from
  there on no layer is unproductive
  = rule: unproductive-layer.md

warning RFA102 full-kernel  nets.py:13:9
  11 |         super().__init__()
  12 |         warnings.warn("built", UserWarning)
  13 |         self.first = nn.Conv2d(3, 8, kernel)
     |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  14 |         self.second = nn.Conv2d(8, 8, 3, padding=1)
  nets:wide at 9 px
  first is a dense layer in disguise at 9 px: its kernel of 9x9 covers the whole map of 9x9 it gets
  (77 % of the parameters and 77 % of the multiply-accumulates)
     layer  type    kernel  receives  sees  map  parameters
  ■  first  Conv2d     9x9         1     9  9x9       1,952
  = help: down-sample less in the layers before, use larger images or a smaller kernel; if it is
  meant so, ignore RFA102 for this model
  = rule: full-kernel.md
----------------------------- Captured stdout call -----------------------------
forward
=== receptive fields ===
model   at  productive  full-kernel  unproductive  wasted  findings
wide     9           0            1             1   23.0%  1 error, 1 warning
narrow   9           2            0             0    0.0%  1 info
wasted: the share of the parameters that sits in unproductive layers
"""


@pytest.fixture
def nets(pytester: pytest.Pytester, write: Write) -> pytest.Pytester:
    """A project with one model that has an unproductive layer at 10 pixels, and one without."""
    write("pyproject.toml", '[tool.rfa]\nfactories = ["nets:wide", "nets:narrow"]\n')
    write("nets.py", MODELS)
    write("test_other.py", "def test_other(): ...\n")
    return pytester


def test_the_whole_failure_is_the_findings_with_source_and_layers(nets: pytest.Pytester) -> None:
    result = nets.runpytest_subprocess("--rfa-res=9", "-W", "error", "-p", "no:cacheprovider")

    text = re.sub(r"([=_])\1{3,}", r"\1\1\1", "\n".join(result.outlines))
    failures = text[text.index("=== FAILURES") : text.index("=== short test summary")]
    assert re.sub(r"https?://\S+/", "", failures) == WIDE_AT_9
    result.assert_outcomes(passed=2, failed=1)


def test_a_model_is_built_once_for_all_resolutions(nets: pytest.Pytester) -> None:
    result = nets.runpytest_subprocess("--rfa-res=64,32x48", "--rfa-only")

    result.assert_outcomes(passed=4)
    assert (nets.path / "built.txt").read_text() == "wide\n"


def test_workers_share_the_checks_and_one_report_holds_them_all(nets: pytest.Pytester) -> None:
    result = nets.runpytest_subprocess(
        "--rfa-res=9,64", "-n", "2", "-W", "error", "--rfa-report=json:rfa.json", "--junitxml=j.xml"
    )

    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            "error RFA101 unproductive-layer  nets.py:*",
            "wide * 9 *",
            "wide * 64 *",
            "narrow * 9 *",
            "narrow * 64 *",
            "FAILED nets.py::rfa-wide@9 - RFA101 *",
        ]
    )
    report = json.loads((nets.path / "rfa.json").read_text())
    sizes = {
        model["name"]: [at["resolution"] for at in model["resolutions"]]
        for model in report["models"]
    }
    assert sizes == {"nets:wide": [[9, 9], [64, 64]], "nets:narrow": [[9, 9], [64, 64]]}
    assert report["summary"]["exit_code"] == 1
    assert 'name="rfa_unproductive" value="1"' in (nets.path / "j.xml").read_text()


def test_a_broken_model_fails_with_its_reason_and_stops_no_other(
    nets: pytest.Pytester, write: Write
) -> None:
    for name, source in BROKEN.items():
        write(f"{name}.py", source)
    names = ", ".join(f'"{name}:model"' for name in BROKEN)
    write("pyproject.toml", f'[tool.rfa]\nfactories = [{names}, "nets:narrow"]\n')

    result = nets.runpytest_subprocess("--rfa-res=64", "--rfa-only")

    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(["*RFA901 *", "*RFA902 *", "*RFA903 *"])
    result.stdout.fnmatch_lines([f"{name}:model * {name}" for name in BROKEN])
    result.stdout.no_fnmatch_line("Traceback*")


@pytest.mark.skipif(find_spec("torchvision") is None, reason="needs torchvision")
def test_a_model_of_torchvision_is_checked_where_nothing_is_configured(
    pytester: pytest.Pytester,
) -> None:
    result = pytester.runpytest_subprocess(
        "--rfa-res=16,224", "--rfa-target=torchvision:resnet18", "-v"
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            ".::rfa-torchvision:resnet18@16 FAILED*",
            ".::rfa-torchvision:resnet18@224 PASSED*",
            "error RFA101 unproductive-layer*",
            "resnet18 * 16 *",
        ]
    )
