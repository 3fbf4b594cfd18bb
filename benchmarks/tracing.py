"""What tracing and analysing a model costs, against a bare forward on the meta device.

For each of torchvision's classification models, in one process and one after the other:
the median time of a bare meta forward, of tracing, and of the analysis, and the ratio of
the last two to the first. ``python benchmarks/tracing.py [--runs N] [NAME ...]``
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable

import torch
import torchvision

from rfa_core.discovery.build import build
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.load import load
from rfa_core.frontends import frontend_of
from rfa_core.receptive.collect import analyse_graph


def main() -> None:
    """Print one line per model and the medians of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    names = options.names or torchvision.models.list_models(module=torchvision.models)
    print(f"{platform.platform()}, torch {torch.__version__}, {options.runs} runs each")
    print(f"{'model':24}{'forward':>10}{'trace':>10}{'analysis':>10}{'ratio':>8}")
    rows = [measured(name, options.runs) for name in names]
    for name, forward, trace, analysis in rows:
        ratio = (trace + analysis) / forward
        print(f"{name:24}{forward:9.4f}s{trace:9.4f}s{analysis:9.4f}s{ratio:8.2f}")
    ratios = [(trace + analysis) / forward for _, forward, trace, analysis in rows]
    to_trace = [analysis / trace for _, _, trace, analysis in rows]
    print(f"median of (trace + analysis) / forward: {statistics.median(ratios):.2f}")
    middle, most = statistics.median(to_trace), max(to_trace)
    print(f"median of analysis / trace: {middle:.2f}, most {most:.2f}")


def measured(name: str, runs: int) -> tuple[str, float, float, float]:
    """Medians in seconds of the bare forward, the trace and the analysis of one model."""
    target = Target(f"torchvision:{name}")
    model = build(load(target, "."), target, {}, ".").model
    assert isinstance(model, torch.nn.Module)
    model.eval()
    size = 299 if name == "inception_v3" else 224
    image = torch.empty(1, 3, size, size, device="meta")
    frontend = frontend_of(model)
    spec = frontend.guess_inputs(model)[0]
    graph = frontend.trace(model, spec, (size, size), name)
    with torch.no_grad():
        forward = median_time(lambda: model(image), runs)
    trace = median_time(lambda: frontend.trace(model, spec, (size, size), name), runs)
    analysis = median_time(lambda: analyse_graph(graph), runs)
    return name, forward, trace, analysis


def median_time(call: Callable[[], object], runs: int) -> float:
    """The median of ``runs`` timings in seconds, after one run that is not counted."""
    call()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()
