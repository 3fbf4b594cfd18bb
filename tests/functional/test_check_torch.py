"""``rfa check`` on a project in which almost everything is wrong."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from projects import rfa, written

pytestmark = pytest.mark.torch

GOOD = """\
from torch import nn


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 9, stride=4, padding=4)
        wide = [nn.Conv2d(8, 8, 5, padding=2) for _ in range(2)]
        self.body = nn.Sequential(*wide, nn.Conv2d(8, 8, 1))
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        print("noise on stdout")
        return self.head(self.body(self.stem(x)).mean((2, 3)))
"""
UNIMPORTABLE = """\
import module_that_nobody_has
from torch import nn


class Lost(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        return self.conv(x)
"""
BROKEN = """\
from torch import nn


class Raises(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        raise ValueError("the constructor is broken")

    def forward(self, x):
        return self.conv(x)


class Mismatched(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 8, 3)
        self.two = nn.Conv2d(9, 8, 3)

    def forward(self, x):
        return self.two(self.one(x))


class TooSmall(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = nn.MaxPool2d(32)
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        return self.conv(self.pool(x))


def forgets_to_return():
    Mismatched()
"""
FILES = {
    "pyproject.toml": "[tool.rfa]\nresolutions = [32]\n",
    "src/acme/__init__.py": "",
    "src/acme/good.py": GOOD,
    "src/acme/lost.py": UNIMPORTABLE,
    "src/acme/broken.py": BROKEN,
    "src/acme/syntax.py": "from torch import nn\nclass Net(nn.Module)\n    pass\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return written(tmp_path, FILES)


def test_every_failure_is_one_finding_and_the_rest_is_checked(project: Path) -> None:
    result = rfa(project, "check", "--output-format", "concise", "--ignore", "RFA103,RFA102")

    assert result.returncode == 1
    assert result.stdout.splitlines() == [
        "src/acme/broken.py:4:1: RFA902 acme.broken:Raises: raises ValueError: "
        "the constructor is broken when it is called (at src/acme/broken.py:8)",
        "src/acme/broken.py:14:1: RFA903 acme.broken:Mismatched: the forward pass on "
        "[1, 3, 32, 32] fails in two (at src/acme/broken.py:21): RuntimeError: Given groups=1, "
        "weight of size [8, 9, 3, 3], expected input[1, 8, 30, 30] to have 9 channels, but got 8 "
        "channels instead",
        "src/acme/broken.py:28:9: RFA101 acme.broken:TooSmall: conv is past the border at 32 px: "
        'its input already sees 32 px, all of the image; a tie decides (tie = "productive" lets '
        "it pass); it is the border layer; 100 % of the parameters and 100 % of the "
        "multiply-accumulates are dead weight",
        "src/acme/broken.py:28:9: RFA201 acme.broken:TooSmall: the model cannot run at 32 px, it "
        "stops at conv: RuntimeError: Calculated padded input size per channel: (1 x 1). Kernel "
        "size: (3 x 3). Kernel size can't be greater than actual input size; the nearest "
        "resolution that works is 96 px (footprints traced at 96 px are judged all the same)",
        "src/acme/good.py:9:9: RFA101 acme.good:Tiny: body.2 is past the border at 32 px: its "
        "input already sees 41 px, all of the image; it is the border layer; 1.8 % of the "
        "parameters and 1.6 % of the multiply-accumulates are dead weight",
        "src/acme/lost.py:5:1: RFA901 acme.lost:Lost: acme.lost needs the module "
        "'module_that_nobody_has', which is not installed (at src/acme/lost.py:1)",
        "src/acme/syntax.py:2:1: RFA901 src/acme/syntax.py: cannot be parsed: "
        "expected ':' (line 2)",
        "Checked 2 of 6 models at 32 px: 7 errors",
    ]


def test_what_models_print_is_kept_off_stdout(project: Path) -> None:
    result = rfa(project, "check", "acme.good:Tiny", "--output-format", "json")

    report = json.loads(result.stdout)
    schema = resources.files("rfa_core.report") / "schema" / "report-v1.schema.json"
    jsonschema.validate(report, json.loads(schema.read_text(encoding="utf-8")))
    assert result.stderr == "noise on stdout\n"
    assert [model["name"] for model in report["models"]] == ["acme.good:Tiny"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["acme.good:Tiny", "--res", "41"], 0, "no findings"),
        (["acme.good:Tiny", "--exit-zero"], 0, "RFA101"),
        (["acme.good:Tiny", "--fail-on", "never"], 0, "RFA101"),
        (["acme.broken:Raises", "--exit-zero"], 2, "RFA902"),
        (["src/acme/lost.py", "--exit-zero"], 2, "RFA901"),
        (["--exit-zero"], 2, "RFA101"),
        (["src/acme/syntax.py"], 2, "cannot be parsed"),
        (["acme.broken:Raises", "--ignore", "RFA9"], 2, "unbuildable"),
        (["acme.broken:forgets_to_return"], 2, "returns None, not a model"),
        (["acme.good:Tiny", "acme.good:Tony"], 2, "did you mean 'acme.good:Tiny'?"),
        (["acme.good:Tiny", "--res", "32x32x32"], 2, "has 3 numbers, but the model's input has 2"),
    ],
)
def test_the_exit_code_says_whether_there_is_a_verdict(
    project: Path, arguments: list[str], code: int, said: str
) -> None:
    result = rfa(project, "check", *arguments)

    assert result.returncode == code
    assert said in " ".join(result.stdout.split())
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["acme.good:Tony"], "did you mean 'acme.good:Tiny'?"),
        (["torchvision:resnet81"], "did you mean 'torchvision:resnet18'?"),
        (["--res", "0"], "found '0'"),
        (["--res", "64x"], "found '64x'"),
        (["--res", "abc"], "found 'abc'"),
        (["src/acme/__init__.py"], "no model found in src/acme/__init__.py"),
    ],
)
def test_a_mistake_is_one_clear_message(project: Path, arguments: list[str], said: str) -> None:
    result = rfa(project, "check", *arguments)

    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_traceback_of_the_users_code_appears_with_v(project: Path) -> None:
    result = rfa(project, "check", "acme.broken:Raises", "-v")

    assert "Traceback (most recent call last)" in result.stdout
    assert 'raise ValueError("the constructor is broken")' in result.stdout


def test_without_a_resolution_models_are_listed_with_their_ranges(project: Path) -> None:
    result = rfa(project, "check", "acme.good:Tiny", "--isolated")

    assert result.returncode == 2
    assert "acme.good:Tiny" in result.stdout
    assert "41 to 41 px" in result.stdout
    assert "--res 64" in result.stderr


def test_several_processes_find_the_same(project: Path) -> None:
    alone = rfa(project, "check", "--output-format", "json", "-n", "1")

    together = rfa(project, "check", "--output-format", "json", "-n", "2")

    assert json.loads(alone.stdout) == json.loads(together.stdout)


def test_a_factory_is_called_as_the_configuration_says(project: Path) -> None:
    models = {
        "src/acme/made.py": (
            "from torch import nn\n\n\n"
            "def chain(depth, width=4):\n"
            "    layers = [nn.Conv1d(width, width, 3) for _ in range(depth)]\n"
            "    return nn.Sequential(*layers)\n"
        ),
        "pyproject.toml": (
            "[tool.rfa]\n"
            "resolutions = [64]\n"
            "max-unproductive-parameters = 0.1\n"
            "factories = [\n"
            '  { target = "acme.made:chain", kwargs = { depth = 9 }, input-shape = [1, 4, "T"], '
            'resolutions = [12, 100], ignore = ["RFA103", "RFA102"] },\n'
            "]\n"
        ),
    }
    written(project, models)

    result = rfa(project, "check", "--output-format", "concise")

    assert result.stdout.splitlines() == [
        "src/acme/made.py:4:1: RFA101 acme.made:chain: 3 layers are past the border at 12 px: "
        "layer 6, the border layer, already receives 13 px, all of the image, and so do 2 more; "
        "33 % of the parameters and 11 % of the multiply-accumulates are dead weight",
        "src/acme/made.py:4:1: RFA105 acme.made:chain: 33 % of the parameters sit in 3 "
        "unproductive layers at 12 px; the budget allows 10 %",
        "src/acme/made.py:4:1: RFA201 acme.made:chain: the model cannot run at 12 px, it stops at "
        "layer 5: RuntimeError: Calculated padded input size per channel: (2). Kernel size: (3). "
        "Kernel size can't be greater than actual input size; the nearest resolution that works "
        "is 19 px (footprints traced at 19 px are judged all the same)",
        "src/acme/made.py:4:1: RFA202 acme.made:chain: no layer sees the whole image at 100 px: "
        "the widest footprint is that of layer 8, 19 px",
        "Checked 1 model at 12 and 100 px: 3 errors, 1 info",
    ]


def test_several_inputs_are_fed_as_the_configuration_says(project: Path) -> None:
    files = {
        "src/acme/streams.py": (
            "import torch\nfrom torch import nn\n\n\n"
            "class Streams(nn.Module):\n"
            "    def __init__(self):\n"
            "        super().__init__()\n"
            "        self.sound = nn.Conv1d(2, 4, 9)\n"
            "        self.sight = nn.Sequential(nn.Conv2d(3, 4, (3, 5)), nn.Conv2d(4, 4, (3, 5)))\n"
            "\n"
            "    def forward(self, sound, sight, step):\n"
            "        sound = self.sound(sound).mean(2)\n"
            "        return torch.cat([sound, self.sight(sight).mean((2, 3))], 1) + step\n"
        ),
        "pyproject.toml": (
            "[tool.rfa]\n"
            "factories = [\n"
            '  { target = "acme.streams:Streams", resolutions = ["20x6x9"], '
            'input-shape = [[1, 2, "T"], [1, 3, "H", "W"], [1]] },\n'
            "]\n"
        ),
    }
    written(project, files)

    report = json.loads(rfa(project, "check", "--output-format", "json").stdout)

    (model,) = report["models"]
    assert model["notes"] == [
        "input [1, 2, 20], [1, 3, 6, 9], [1], input-shape of the configuration"
    ]
    assert [
        (layer["name"], layer["receptive_field"]["max"], layer["verdict"])
        for layer in model["resolutions"][0]["layers"]
        if layer["judged"]
    ] == [
        ("sound", [9, 0, 0], "productive"),
        ("sight.0", [0, 3, 5], "productive"),
        ("sight.1", [0, 5, 9], "productive"),
    ]
