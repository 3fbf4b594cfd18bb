"""Whole runs of the command line, each in a fresh process: cold, in several processes, warm."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from .tables import Table, Taken, in_turn, seconds

BARE = """\
import torch, torchvision

image = torch.empty(1, 3, 224, 224, device="meta")
for name in torchvision.models.list_models(module=torchvision.models):
    if name.startswith("regnet"):  # cannot be built on the meta device
        model = torchvision.models.get_model(name).to("meta")
    else:
        with torch.device("meta"):
            model = torchvision.models.get_model(name)
    with torch.no_grad():
        model.eval()(image)
"""
"""What nobody can do without who wants to know shapes: build, and one forward pass."""

ZOO = """\
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet


def network(block, *depths):
    return ResNet(block, list(depths))


"""
SIZES = (25, 50, 100, 200)


def cold(runs: int) -> Table:
    """All classifiers of torchvision at one resolution, against a bare loop."""
    with tempfile.TemporaryDirectory() as folder:
        calls = {"bare loop: import, build on meta (RegNets on the CPU), one meta forward":
                 lambda: _python(["-c", BARE], folder)}  # fmt: skip
        for jobs in ("auto", "1"):
            title = f"`rfa check 'torchvision:*' --res 224 -n {jobs}`"
            calls[title] = partial(_check, folder, "torchvision:*", jobs=jobs)
        taken = in_turn(list(calls.values()), runs)
    return Table("All 80 classifiers of torchvision, cold", HEADER, _against(list(calls), taken))


def zoo(runs: int, sizes: Sequence[int] = SIZES) -> Table:
    """Projects of more and more models, in one process and in two."""
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            _write_zoo(Path(folder), size)
            one, two = in_turn([partial(_check, folder, jobs=jobs) for jobs in "12"], runs)
        taken = (one.wall, two.wall, one.processor, two.processor)
        rows.append([f"{size}", *map(seconds, taken), f"{one.wall / two.wall:.2f}"])
    header = [
        "models (ResNets of 8 to 50 layers)",
        *("wall `-n 1`", "wall `-n 2`", "processor `-n 1`", "processor `-n 2`", "`-n 1` / `-n 2`"),
    ]
    return Table("Growth with the number of models", header, rows)


def timm_zoo(runs: int, models: int = 200) -> Table | None:
    """Every so many-th model of timm, in one process and in two; None without timm."""
    if find_spec("timm") is None:
        print("timm is not installed: no zoo of it", file=sys.stderr)
        return None
    code = "import timm; print(*timm.list_models(), sep='\\n')"
    names = _python(["-c", code], ".").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        chosen = ", ".join(f'"timm:{name}"' for name in names[:: len(names) // models][:models])
        Path(folder, "rfa.toml").write_text(f"factories = [{chosen}]\n")
        one, two = in_turn([partial(_check, folder, jobs=jobs) for jobs in "12"], runs)
    titles = [f"`rfa check`, {models} models of timm, `-n {jobs}`" for jobs in "12"]
    return Table("A zoo of real models", HEADER, _against(titles, [one, two]))


def warm(runs: int, models: int = 20) -> Table | None:
    """A second run over unchanged code, against an empty interpreter; None without a cache."""
    if "--cache-dir" not in _python(["-m", "rfa_core", "check", "--help"], "."):
        print("rfa check knows no --cache-dir: no warm run", file=sys.stderr)
        return None
    with tempfile.TemporaryDirectory() as folder:
        _write_zoo(Path(folder), models)
        check = partial(_check, folder, options=["--cache-dir", ".cache"])
        (first,) = in_turn([check], 1)
        empty, again = in_turn([lambda: _python(["-c", "pass"], folder), check], runs)
    titles = ["an empty interpreter", f"`rfa check`, {models} models, nothing cached", "again"]
    return Table("Cold and warm", HEADER, _against(titles, [empty, first, again]))


HEADER = ("", "wall", "processor", "wall, to the first")


def _against(titles: Sequence[str], taken: Sequence[Taken]) -> list[list[str]]:
    return [
        [title, seconds(one.wall), seconds(one.processor), f"{one.wall / taken[0].wall:.2f}"]
        for title, one in zip(titles, taken, strict=True)
    ]


def _write_zoo(folder: Path, size: int) -> None:
    """A project of ``size`` factories, no two of the same network."""
    kinds = [
        (block, depths)
        for depths in ((a, b, c, d) for a in (1, 2, 3) for b in (1, 2, 3) for c in range(1, 7)
                       for d in (1, 2, 3))
        for block in ("BasicBlock", "Bottleneck")
    ]  # fmt: skip
    step = len(kinds) // size
    chosen = kinds[: step * size : step]
    lines = [
        f"def net_{place:03}():\n    return network({block}, {', '.join(map(str, depths))})\n\n\n"
        for place, (block, depths) in enumerate(chosen)
    ]
    (folder / "zoo_of_resnets.py").write_text(ZOO + "".join(lines))
    names = ", ".join(f'"zoo_of_resnets:net_{place:03}"' for place in range(size))
    (folder / "rfa.toml").write_text(f"factories = [{names}]\n")


def _check(folder: str, *targets: str, jobs: str = "1", options: Sequence[str] = ()) -> None:
    fresh = [] if options else _without_cache()
    asked = ["--res", "224", "-n", jobs, "--exit-zero", "-q", *fresh, *options]
    _python(["-m", "rfa_core", "check", *targets, *asked], folder)


@cache
def _without_cache() -> list[str]:
    known = _python(["-m", "rfa_core", "check", "--help"], ".")
    return ["--no-cache"] if "--no-cache" in known else []


def _python(arguments: Sequence[str], folder: str) -> str:
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise RuntimeError(f"{' '.join(arguments)[:200]} failed:\n{ran.stderr[-2000:]}")
    return ran.stdout
