"""What the trials say, as tables.

What is compared was fixed before the seeds that count were run (0 and up; pilots had seed 100):

stop      accuracy of the probe on the last layer minus that on the border layer, the first that
          is unproductive. The claim holds if the 95 % interval ends below one point.
border    the probe on the border layer minus that on the layer before it: a verdict that is right
          to the layer would have nothing here.
knee      the first layer whose probe is within one point of the best: where is it, from the border?
control   the gain over the layers that are unproductive at a size and productive at twice the
          size: there minus here, the same seeds.
repair    accuracy of the repaired network minus that of the original, the same seeds and images.

Fixed after the first seed at 16 and 32 pixels, and before 20 and 28 pixels were tried:

cover     the gain from the border layer to the first layer that sees 2i - 1 of i pixels, from
          where on every position sees the whole image, not the centre alone; and the gain after.

Looked at afterwards, so no test of anything:

late      the gain over all layers from the fourth of the unproductive ones on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev

from scipy.stats import t as student

Group = Mapping[int, dict]
"""The rows of one trial, by seed."""

MARKS = {
    "unproductive": "✖",
    "critical": "▲",
    "full-kernel": "■",
    "partial": "◆",
    "productive": "●",
}
KNEE = 0.01
"""How far below the best probe one may be and count as saturated."""

LATE = 2
"""Layers behind the border layer that may still be of use."""


def summarise(rows: Sequence[dict]) -> str:
    """All tables, in Markdown; accuracies and gains in points of 100."""
    names = dict.fromkeys(row["trial"] for row in rows)
    groups = {name: {row["seed"]: row for row in rows if row["trial"] == name} for name in names}
    parts = [_layers(name, group) for name, group in groups.items()]
    parts += [_stops(groups), _controls(groups), _repairs(groups)]
    return "\n".join(parts)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and half its 95 % interval by Student's t; infinite for a single value."""
    if len(values) < 2:
        return fmean(values), float("inf")
    wide = student.ppf(0.975, len(values) - 1) * stdev(values) / len(values) ** 0.5
    return fmean(values), float(wide)


def border(row: Mapping) -> int | None:
    """The place of the first unproductive layer; None if there is none."""
    verdicts = [layer["verdict"] for layer in row["layers"]]
    return verdicts.index("unproductive") if "unproductive" in verdicts else None


def cover(row: Mapping) -> int | None:
    """The place of the first layer of which every position sees the whole image."""
    seen = [layer["sees"] >= 2 * row["size"] - 1 for layer in row["layers"]]
    return seen.index(True) if True in seen else None


def knee(row: Mapping) -> int:
    """The place of the first probe that is within a point of the best."""
    probes = [layer["probe"] for layer in row["layers"]]
    return next(place for place, one in enumerate(probes) if one >= max(probes) - KNEE)


def gain(row: Mapping, before: int, last: int) -> float:
    """What the probe on the layer at ``last`` has over the one at ``before``, in points."""
    layers = row["layers"]
    return 100 * (layers[last]["probe"] - layers[before]["probe"])


def _layers(name: str, group: Group) -> str:
    lines = []
    for place, layer in enumerate(next(iter(group.values()))["layers"]):
        probes = [100 * row["layers"][place]["probe"] for row in group.values()]
        facts = [MARKS[layer["verdict"]], layer["name"], layer["receives"], layer["sees"]]
        lines.append([*facts, _said(probes)])
    title = f"{name}, seeds: {len(group)}"
    return _table(title, ["", "layer", "receives", "sees", "probe"], lines)


def _stops(groups: Mapping[str, Group]) -> str:
    lines = []
    for name, group in groups.items():
        some, rows = next(iter(group.values())), group.values()
        here, whole = border(some), cover(some)
        if here is None or whole is None:
            continue
        last = len(some["layers"]) - 1
        late = min(here + LATE, last)
        spans = ((here - 1, here), (here, last), (here, whole), (whole, last), (late, last))
        cells = [_said([gain(row, *span) for row in rows]) for span in spans]
        cells[2:4] = cells[2:4] if whole >= here else ["", ""]
        away = sorted(knee(row) - here for row in rows)
        lines.append([name, some["layers"][here]["name"], *cells, str(away)])
    gains = ["at it", "after it", "on to cover", "after cover", "late"]
    head = ["trial", "border layer", *gains, "knee - border, by seed"]
    return _table("Gains, knee", head, lines)


def _controls(groups: Mapping[str, Group]) -> str:
    lines = []
    for name, group in groups.items():
        some = next(iter(group.values()))
        twins = groups.get(f"{some['network']}@{2 * some['size']}", {})
        shared = sorted({*group} & {*twins})
        here = border(some)
        if some["repair"] or here is None or not shared:
            continue
        there = border(twins[shared[0]])
        last = len(some["layers"]) - 1 if there is None else there - 1
        for title, before in (("from the border", here - 1), ("behind the border", here)):
            if last <= before:
                continue
            small = [gain(group[seed], before, last) for seed in shared]
            large = [gain(twins[seed], before, last) for seed in shared]
            more = [big - little for big, little in zip(large, small, strict=True)]
            lines.append([name, title, last - before, _said(small), _said(large), _said(more)])
    head = ["trial", "layers", "number", "gain here", "gain at twice the size", "difference"]
    return _table("Control", head, lines)


def _repairs(groups: Mapping[str, Group]) -> str:
    lines = []
    for name, group in groups.items():
        original = groups.get(name.partition("+")[0], {})
        pairs = [(original[seed], group[seed]) for seed in sorted({*original} & {*group})]
        if not pairs:
            continue
        level = _said([100 * new["accuracy"] for _, new in pairs])
        more = [100 * (new["accuracy"] - old["accuracy"]) for old, new in pairs]
        ratios = [
            f"{fmean(new[key] / old[key] for old, new in pairs):.2f}"
            for key in ("macs", "parameters", "seconds")
        ]
        lines.append([name, level, _said(more) if "+" in name else "", *ratios])
    head = [
        "trial",
        "accuracy",
        "minus the original's",
        "MACs x",
        "parameters x",
        "training time x",
    ]
    return _table("Accuracy, repairs", head, lines)


def _said(values: Sequence[float]) -> str:
    mean, wide = interval(values)
    mean = round(mean, 1) + 0.0  # no -0.0
    return f"{mean:.1f} ± {wide:.1f}" if len(values) > 1 else f"{mean:.1f}"


def _table(title: str, head: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return f"{title}\n\n" + "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)
