"""What the HTML page costs, against tracing and analysing its models.

The page of one large network; and one page of all classification models of torchvision: seconds
of the processor to render it, as a share of what analysing the models took in the same run, and its
size per model.
``python benchmarks/page.py [--most N]``
"""

from __future__ import annotations

import argparse
import platform
import time
from dataclasses import replace

import torchvision

from rfa_core.api import Session
from rfa_core.config.settings import Settings
from rfa_core.findings import Report
from rfa_core.receptive.resolution import parse_resolution
from rfa_core.report import render

LARGE = "torchvision:resnet152"


def main() -> None:
    """Print a line for one model and one for the zoo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1000, help="models of the zoo at most")
    options = parser.parse_args()
    print(f"{platform.platform()}, torchvision {torchvision.__version__}")
    print(f"{'page of':24}{'analysis':>10}{'page':>9}{'ratio':>8}{'kB a model':>12}")
    measured(LARGE, 1)
    measured("torchvision:*", options.most)


def measured(name: str, most: int) -> None:
    """Print the line of one page."""
    start = time.process_time()
    report = checked(name, most)
    middle = time.process_time()
    page = render("html", report)
    analysis, seconds = middle - start, time.process_time() - middle
    number = len(report.models)
    about = name if number == 1 else f"{number} of {name}"
    size = len(page.encode()) / number / 1000
    print(f"{about:24}{analysis:9.2f}s{seconds:8.2f}s{seconds / analysis:8.2f}{size:12.0f}")


def checked(name: str, most: int) -> Report:
    """The report of a run that keeps what a page draws."""
    settings = replace(Settings(resolutions=(parse_resolution(64),)), draws=True)
    session = Session(settings)
    listing = session.plan([name])
    listing = replace(listing, targets=listing.targets[:most])
    return session.report([session.check(target) for target in listing.targets], listing)


if __name__ == "__main__":
    main()
