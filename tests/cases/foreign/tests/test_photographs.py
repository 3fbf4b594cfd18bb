from pathlib import Path

import torch
from leaves.photographs import SIZE, centred, photographs


def test_photographs_are_labelled_by_their_folder(tmp_path: Path) -> None:
    for name in ("oak", "beech"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").touch()

    found = photographs(tmp_path)

    assert [(path.parent.name, label) for path, label in found] == [("beech", 0), ("oak", 1)]


def test_the_middle_is_taken() -> None:
    image = torch.zeros(3, 50, 90)
    image[:, :, 20:70] = 1

    assert centred(image).shape == (3, SIZE, SIZE)
    assert centred(image).min() == 1
