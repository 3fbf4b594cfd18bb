"""The probes of one network at several sizes, with the verdicts behind them, as SVG.

python plot.py results.jsonl probes.svg
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from run import read
from summary import cover, interval

SHOWN = ("plain@16", "plain@20", "plain@28", "plain@32")
COLOURS = {"unproductive": "#f4b6b0", "critical": "#fbdcae"}


def panel(axes: Axes, rows: list[dict]) -> None:
    """One size: a line per seed, their mean with its interval, a stripe per layer."""
    layers = rows[0]["layers"]
    places = range(len(layers))
    for place, layer in enumerate(layers):
        axes.axvspan(
            place - 0.5, place + 0.5, color=COLOURS.get(layer["verdict"], "#ffffff"), zorder=0
        )
    probes = [[100 * layer["probe"] for layer in row["layers"]] for row in rows]
    for one in probes:
        axes.plot(places, one, color="#8a8f98", linewidth=0.6)
    spread = [interval(column) for column in zip(*probes, strict=True)]
    means = [mean for mean, _ in spread]
    wide = [half for _, half in spread] if len(rows) > 1 else None
    axes.errorbar(places, means, yerr=wide, color="#1b3a6b", linewidth=1.6, capsize=2)
    whole = cover(rows[0])
    if whole is not None:
        axes.axvline(whole, color="#1b3a6b", linewidth=0.8, linestyle=":")
    axes.set_xlim(-0.5, len(layers) - 0.5)
    axes.set_xticks(places, [layer["name"].removesuffix(".conv") for layer in layers], rotation=90)
    axes.set_title(f"{rows[0]['size']} px", fontsize=10)


def main(results: str = "results.jsonl", to: str = "probes.svg") -> None:
    rows = read(Path(results))
    shown = [name for name in SHOWN if any(row["trial"] == name for row in rows)]
    mpl.rcParams.update({"svg.hashsalt": "probes", "font.size": 8, "svg.fonttype": "none"})
    figure, panels = plt.subplots(1, len(shown), sharey=True, figsize=(9, 3), squeeze=False)
    for axes, name in zip(panels[0], shown, strict=True):
        panel(axes, [row for row in rows if row["trial"] == name])
    panels[0][0].set_ylabel("accuracy of the probe, %")
    figure.tight_layout()
    figure.savefig(to, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
