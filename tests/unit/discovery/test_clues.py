"""What sources say of the size of images."""

import pytest

from rfa_core.discovery.clues import clues

CROP = "transforms.RandomCrop(32, padding=4)"
CASES = {
    "nothing": ("", None, ()),
    "a crop of training": (CROP, 32, (32,)),
    "a name for it": ("SIZE = 48\nRandomResizedCrop(SIZE)", 48, (48,)),
    "by keyword": ("RandomCrop(size=(40, 40))", 40, (40,)),
    "padding behind it": ("RandomCrop(32, 4)\nCIFAR10('.')", 32, (32,)),
    "height and width": ("RandomCrop(256, 512)", None, ()),
    "a pair that differs": ("RandomCrop((96, 128))", None, ()),
    "two crops that differ": (f"{CROP}\nRandomCrop(64)", None, (32, 64)),
    "one that cannot be told": (f"{CROP}\nRandomCrop(options.size)", None, (32,)),
    "a crop over what is resized": (f"{CROP}\nResize(40)", 32, (32,)),
    "resized alone": ("Resize(400)", None, (400,)),
    "resized data": ("Resize(224)\nCIFAR10('.')", None, (224,)),
    "resized somehow": ("Resize(size)\nCIFAR10('.')", None, (32,)),
    "a data set": ("datasets.FashionMNIST('.')", 28, (28,)),
    "a data set of Keras": ("keras.datasets.cifar10.load_data()", 32, (32,)),
    "two data sets that differ": ("MNIST('.')\nCIFAR10('.')", None, (28, 32)),
    "a loader": ("flow_from_directory('.', target_size=(150, 150))", 150, (150,)),
    "no Python": ("RandomCrop(32", None, ()),
}


@pytest.mark.parametrize(("text", "certain", "possible"), CASES.values(), ids=CASES)
def test_a_size_is_certain_where_nothing_speaks_against_it(tmp_path, text, certain, possible):
    (tmp_path / "train.py").write_text(text)

    found = clues(str(tmp_path))

    assert (found.certain and found.certain.size, found.possible) == (certain, possible)


def test_a_clue_names_its_call_and_line_and_tests_give_none(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/data.py").write_text("import timm\nRandomCrop(64)\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/load.py").write_text(f"import os\nfrom torch import nn\n{CROP}\n")

    found = clues(str(tmp_path))

    assert [(clue.call, clue.place) for clue in found.sizes] == [("RandomCrop", "data/load.py:3")]
    assert found.imported == {"os", "torch"}
