"""Models in files: only their configuration is read, and nothing in it is run.

Keras itself refuses code in a configuration when it is in safe mode. What is checked here before
names what is refused and where, and keeps older versions from importing what a file names.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import keras

from rfa_core.errors import TraceError
from rfa_core.libraries.keras_scope import weightless

_CONFIGURATION = "config.json"
LARGEST = 100_000_000
"""Bytes of the largest configuration that is read."""
_CODE = ("Lambda", "__lambda__")
_PARTS = frozenset(
    {
        "activations", "backend", "constraints", "dtype_policies", "engine", "initializers",
        "layers", "losses", "metrics", "models", "ops", "optimizers", "quantizers", "random",
        "regularizers",
    }
)  # fmt: skip
"""The packages of Keras that the parts of a model come from."""
_RAISED = "Exception encountered: "
_LAYER = re.compile(r"class '\w+' using config=\{'name': '([^']+)'")
"""Where Keras says which layer it could not make."""
_FACTORY = "name the factory that builds the model instead, as `package.module:factory`"


def open_model(file: str) -> Any:
    """The model of a ``.keras`` archive or an HDF5 file, without its weights.

    Raises TraceError for a file that is none, is damaged, holds weights only, or needs code to be
    run or a class that Keras does not have; it names the place in the file.
    """
    is_archive = file.endswith(".keras")
    config = _parsed(file, _from_archive(file) if is_archive else _from_hdf5(file))
    for place, problem in _problems(config, ""):
        raise TraceError(f"{file}: {problem} (at {place or 'its top'})", _FACTORY)
    _without_compilation(config)
    try:
        with weightless():
            model = _deserialised(config) if is_archive else _deserialised_legacy(config)
    except Exception as error:
        raise _unreadable(file, error) from error
    if not isinstance(model, keras.Layer):
        raise TraceError(f"{file} holds a {type(model).__name__}, no model", _FACTORY)
    return model


def _from_archive(file: str) -> bytes:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            outside = next((name for name in names if _leads_out(name)), None)
            if outside is not None:
                raise TraceError(f"{file}: its part {outside!r} leads out of the archive", _FACTORY)
            if _CONFIGURATION not in names:
                raise TraceError(f"{file}: expected {_CONFIGURATION} in it, found none", _FACTORY)
            with archive.open(_CONFIGURATION) as part:
                return part.read(LARGEST + 1)
    except (OSError, zipfile.BadZipFile, EOFError, ValueError, RuntimeError) as error:
        hint = "it may be truncated: save it again with model.save"
        why = getattr(error, "strerror", None) or error
        raise TraceError(f"{file} is no .keras archive: {why}", hint) from error


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name


def _from_hdf5(file: str) -> bytes:
    import h5py

    try:
        with h5py.File(file, "r") as stored:
            found = stored.attrs.get("model_config")
    except OSError as error:
        hint = "it may be truncated: save it again with model.save"
        raise TraceError(f"{file} is no HDF5 file: {error}", hint) from error
    if found is None:
        raise TraceError(f"{file} holds weights, not the architecture they belong to", _FACTORY)
    return found if isinstance(found, bytes) else str(found).encode()


def _parsed(file: str, text: bytes) -> Any:
    if len(text) > LARGEST:
        raise TraceError(f"{file}: its configuration is larger than {LARGEST:,} bytes", _FACTORY)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TraceError(f"{file}: its configuration is no JSON: {error}", _FACTORY) from error


def _problems(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """What may not be built, and where: the names of the layers around it."""
    pending = [(value, place)]
    while pending:
        value, place = pending.pop()
        if isinstance(value, list):
            pending += [(one, place) for one in reversed(value)]
        elif isinstance(value, dict):
            here = _place(value, place)
            problem = _problem(value)
            if problem:
                yield here, problem
            pending += [(one, here) for one in reversed(value.values())]


def _place(value: dict[str, Any], place: str) -> str:
    config = value.get("config")
    own = config.get("name") if isinstance(config, dict) and "class_name" in value else None
    return "/".join(filter(None, (place, own if isinstance(own, str) else None)))


def _problem(value: dict[str, Any]) -> str:
    kind, module = value.get("class_name"), value.get("module")
    if kind in _CODE:
        return f"it holds a {kind.strip('_').capitalize()}, whose code would have to be run"
    if not isinstance(kind, str) or module is None:
        return ""
    name = value.get("config") if kind == "function" else kind
    if module == "builtins" and kind == "function" and hasattr(keras.activations, str(name)):
        return ""
    parts = [part for part in str(module).split(".") if part != "src"]
    if parts[0] == "keras" and (len(parts) == 1 or parts[1] in _PARTS):
        return ""
    return f"it needs {name} of {module}, which is not Keras's own"


def _without_compilation(value: Any) -> None:
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            value.pop("compile_config", None)
            pending += value.values()
        elif isinstance(value, list):
            pending += value


def _deserialised(config: Any) -> Any:
    return keras.saving.deserialize_keras_object(config, safe_mode=True)


def _deserialised_legacy(config: Any) -> Any:
    """HDF5 files hold the configuration as Keras 2 wrote it, without modules."""
    from keras.src.legacy.saving import json_utils, saving_options, saving_utils
    from keras.src.saving import serialization_lib

    with (
        saving_options.keras_option_scope(use_legacy_config=True),
        serialization_lib.SafeModeScope(True),
    ):
        return saving_utils.model_from_config(json_utils.decode(json.dumps(config)))


def _unreadable(file: str, error: Exception) -> TraceError:
    """What Keras says first, or what it says that a layer of the file has raised."""
    around, _, said = str(error).strip().rpartition(_RAISED)
    lines = said.splitlines()
    why = f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__
    layers = _LAYER.findall(around)
    place = f" (at {layers[-1]})" if layers else ""
    said_by = f"Keras {keras.__version__} cannot build its model"
    return TraceError(f"{file}: {said_by}{place}: {why}", _FACTORY)
