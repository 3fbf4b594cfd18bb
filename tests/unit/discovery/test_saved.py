"""Models in files: which are read, and why others are refused."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from rfa_core.discovery.saved import saved_target
from rfa_core.errors import TargetError


def archive(file: Path, *members: str) -> Path:
    with ZipFile(file, "w") as made:
        for member in members:
            made.writestr(member, b"")
    return file


def test_an_exported_program_is_known_by_its_name_or_by_what_it_holds(tmp_path: Path) -> None:
    by_name = saved_target("net.pt2", tmp_path / "net.pt2")
    renamed = archive(tmp_path / "net.pt", "net/archive_format", "net/models/model.json")
    by_content = saved_target("net.pt", renamed)

    assert by_name is not None
    assert by_content is not None
    assert (by_name.framework, by_name.kind) == ("torch", "saved")
    assert (by_content.framework, by_content.kind) == ("torch", "saved")


def test_a_saved_model_of_tensorflow_is_its_folder_or_the_file_in_it(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    file = tmp_path / "net" / "saved_model.pb"
    file.touch()

    by_folder = saved_target("net", tmp_path / "net")
    by_file = saved_target("net/saved_model.pb", file)

    assert by_folder is not None
    assert by_folder == by_file
    assert (by_folder.name, by_folder.file) == ("net", str(tmp_path / "net"))


@pytest.mark.parametrize(
    ("name", "members", "reason"),
    [
        ("a.pt", ("a/data.pkl", "a/data/0"), "is a pickled checkpoint: reading it would run code"),
        ("a.pth", None, "is a pickled checkpoint: reading it would run code"),
        ("a.ckpt", None, "is a pickled checkpoint: reading it would run code"),
        ("a.pt", ("a/data.pkl", "a/code/__torch__.py"), "is a TorchScript archive: "),
        ("a.torchscript", ("a/data.pkl", "a/code/__torch__.py"), "is a TorchScript archive: "),
        ("a.safetensors", None, "holds weights, not the architecture"),
    ],
)
def test_files_that_hold_code_or_only_weights_are_refused_with_the_reason(
    name: str, members: tuple[str, ...] | None, reason: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    if members is None:
        file.write_bytes(b"\x80\x04")
    else:
        archive(file, *members)

    with pytest.raises(TargetError, match=f"{name} {reason}"):
        saved_target(name, file)
