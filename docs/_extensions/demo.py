"""The page that ``rfa check --report html:demo.html`` writes, made anew for every site."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

MODELS = Path(__file__).parent / "demo_models.py"
NAMES = ("resnet18", "small_stem", "unet")


def make(app: Sphinx, exception: Exception | None) -> None:
    """Write ``demo.html`` beside the pages."""
    if exception is not None or app.builder.format != "html":
        return
    target = Path(app.outdir).resolve() / "demo.html"
    options = ["--isolated", "--no-cache", "--res", "64", "--exit-zero", "--report"]
    command = [sys.executable, "-m", "rfa_core", "check", *options, f"html:{target}"]
    environment = {**os.environ, "PYTHONPATH": str(Path(app.srcdir).parent)}
    with TemporaryDirectory() as folder:
        shutil.copy(MODELS, Path(folder, "models.py"))
        done = subprocess.run(
            [*command, *(f"models.py::{name}" for name in NAMES)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise ExtensionError(f"the demo could not be made:\n{done.stdout}{done.stderr}")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("build-finished", make)
    return {"parallel_read_safe": True}
