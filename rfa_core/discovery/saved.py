"""Models in files: which framework reads which, and what is refused."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile, ZipFile

from rfa_core.discovery.candidates import Target
from rfa_core.errors import TargetError

_READ: dict[str, str] = {
    ".keras": "keras",
    ".h5": "keras",
    ".hdf5": "keras",
    ".onnx": "onnx",
    ".pt2": "torch",
    ".rfa.json": "custom",
}
"""The end of a file's name to the framework that reads it."""
_FOLDERS: dict[str, str] = {"saved_model.pb": "tensorflow"}
"""A file that makes a folder a saved model, to the framework that reads the folder."""
_PICKLED = (".pt", ".pth", ".torchscript", ".ckpt", ".pkl", ".pickle", ".joblib")
_WEIGHTS = (".safetensors", ".npz", ".bin")


def saved_target(name: str, file: Path) -> Target | None:
    """The target of a model saved in ``file`` (or a folder); None if that is no saved model.

    Raises TargetError for files that hold no architecture, or code to run.
    """
    for suffix, framework in _READ.items():
        if file.name.endswith(suffix):
            return Target(name, str(file), framework=framework, kind="saved")
    for content, framework in _FOLDERS.items():
        if file.name == content:
            return saved_target(str(Path(name).parent), file.parent)
        if (file / content).is_file():
            return Target(name, str(file), framework=framework, kind="saved")
    if file.suffix in _PICKLED:
        return _pickled(name, file)
    if file.suffix in _WEIGHTS:
        raise TargetError(
            f"{name} holds weights, not the architecture they belong to",
            "name the factory that builds the model",
        )
    return None


def saved_suffixes() -> tuple[str, ...]:
    """The ends of the names of files that hold models."""
    return tuple(_READ)


def _pickled(name: str, file: Path) -> Target:
    """An exported program by another name; all else that PyTorch saves is or holds code."""
    members = _members(file)
    if any(member.endswith("archive_format") for member in members):
        return Target(name, str(file), framework="torch", kind="saved")
    if any("/code/" in member for member in members):
        raise TargetError(
            f"{name} is a TorchScript archive: following its forward pass runs the code in it",
            "if you trust it, name a factory that returns torch.jit.load(file, "
            'map_location="meta"); or save the model with torch.export.save (.pt2)',
        )
    raise TargetError(
        f"{name} is a pickled checkpoint: reading it would run code from the file",
        "name the factory that builds the model, or save it with torch.export.save (.pt2)",
    )


def _members(file: Path) -> list[str]:
    """The names in a zip archive, none of which is read."""
    try:
        with ZipFile(file) as archive:
            return archive.namelist()
    except (BadZipFile, OSError, ValueError):
        return []
