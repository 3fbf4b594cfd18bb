"""The page that ``rfa check --report html:demo.html`` writes, made anew for every site."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

MODELS = Path(__file__).parent / "demo_models.py"


def make(app: Sphinx, exception: Exception | None) -> None:
    """Write ``demo.html`` beside the pages."""
    if exception is not None or app.builder.format != "html":
        return
    target = Path(app.outdir).resolve() / "demo.html"
    options = ["--isolated", "--no-cache", "--res", "64", "--exit-zero", "--extend-select", "RFA3"]
    command = [sys.executable, "-m", "rfa_core", "check", *options, "--report", f"html:{target}"]
    models = [f"{MODELS.name}::{name}" for name in ("resnet18", "small_stem", "unet")]
    environment = {**os.environ, "PYTHONPATH": str(Path(app.srcdir).parent)}
    done = subprocess.run(
        [*command, *models],
        cwd=MODELS.parent,
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
