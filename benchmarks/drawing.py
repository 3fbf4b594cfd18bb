"""What a picture costs, against tracing and analysing the model, and what folding saves Graphviz.

For each model, in one process and one after the other: the median time of tracing with the
analysis and of making the DOT; the boxes of the raw and of the folded picture; and the time
that the program ``dot`` takes for both, ended at a limit.
``python benchmarks/drawing.py [--runs N] [--limit SECONDS] [NAME ...]``
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import time

import torchvision
from tracing import median_time

from rfa_core.drawing import opened, view_of
from rfa_core.drawing.dot import digraph
from rfa_core.drawing.opening import drawn_boxes
from rfa_core.drawing.values import View
from rfa_core.examination import Examination, examine
from rfa_core.frontends import frontend_of
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import Resolution

NAMES = ("resnet18", "resnet152", "densenet121", "googlenet", "vit_b_16", "maxvit_t")
SIZE = 224


def main() -> None:
    """Print a line per model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=float, default=60, help="seconds that dot may take")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    print(f"{platform.platform()}, torchvision {torchvision.__version__}, {options.runs} runs each")
    print(f"{'model':16}{'raw':>6}{'folded':>8}{'analysis':>10}{'drawing':>9}{'ratio':>7}", end="")
    print(f"{'dot folded':>12}{'dot raw':>10}{'ratio':>7}")
    for name in options.names or NAMES:
        measured(name, options.runs, options.limit)


def measured(name: str, runs: int, limit: float) -> None:
    """Print the line of one model."""
    more = {"init_weights": False} if name == "googlenet" else {}
    model = torchvision.models.get_model(name, **more)
    analysis = median_time(lambda: examined(model, name), runs)
    found = examined(model, name)
    drawing = median_time(lambda: digraph(picture(found)).source, runs)
    folded, raw = picture(found), picture(found, raw=True)
    print(f"{name:16}{drawn_boxes(raw.root):6}{drawn_boxes(folded.root):8}", end="")
    print(f"{analysis:9.3f}s{drawing:8.3f}s{drawing / analysis:7.2f}", end="", flush=True)
    short, long = (dot(view, limit) for view in (folded, raw))
    sign = ">" if long >= limit else ""
    print(f"{short:11.2f}s{sign + format(long, '.2f'):>9}s{sign + format(long / short, '.0f'):>7}")


def examined(model: object, name: str) -> Examination:
    """A model traced and analysed as ``rfa check`` does it."""
    frontend = frontend_of(model)
    spec = frontend.guess_inputs(model)[0]
    found = Examination(frontend, model, spec, name, {}, ".", Policy())
    examine(found, [Resolution((SIZE,))])
    return found


def picture(found: Examination, raw: bool = False) -> View:
    """The view of a model that was examined."""
    (at,) = examine(found, [Resolution((SIZE,))]).resolutions
    return opened(view_of(found.at(at.resolution).graph, at, found.name, raw=raw))


def dot(view: View, limit: float) -> float:
    """Seconds that Graphviz takes for a picture, ``limit`` at most."""
    source = digraph(view).source.encode()
    start = time.perf_counter()
    try:
        subprocess.run(
            ["dot", "-Tsvg"], input=source, capture_output=True, timeout=limit, check=True
        )
    except subprocess.TimeoutExpired:
        return limit
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
