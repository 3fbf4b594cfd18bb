"""Train, probe and judge the networks, seed by seed; then print what came out.

python run.py                       all trials, five seeds, two processes
python run.py --seeds 1 --images 500 --only 'plain@16*'
python run.py --tables --results measured.jsonl    the tables again, of what was kept
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Trial:
    """One network, as it is or with a repair, at one size."""

    network: str
    size: int
    repair: str = ""

    def __str__(self) -> str:
        return f"{self.network}@{self.size}" + (self.repair and f"+{self.repair}")


TRIALS = (
    Trial("plain", 16),
    Trial("plain", 32),
    Trial("plain", 16, "efficiency"),
    Trial("plain", 16, "both"),
    Trial("plain", 16, "performance"),
    Trial("plain", 20),
    Trial("plain", 28),
    Trial("residual", 16),
    Trial("residual", 32),
)


def attempt(job: tuple[Trial, int, int, int]) -> dict[str, object]:
    """One trial with one seed: what the layers are, and what they turned out to be worth."""
    trial, seed, images, epochs = job
    import networks
    import torch
    from data import load
    from probes import accuracy, probe, train
    from repairs import analysed, repaired

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    net, steps = getattr(networks, trial.network)(), []
    if trial.repair:
        net, steps = repaired(trial.network, trial.repair, trial.size)
    split = load(trial.size, seed, images, test=2000)
    seconds = train(net, split, epochs, seed)
    scores = probe(net, split, networks.probed(net))
    analysis = analysed(net, trial.size)
    judged = {one.layer.name: one for one in analysis.layers}
    return {
        "trial": str(trial),
        **asdict(trial),
        "seed": seed,
        "images": images,
        "epochs": epochs,
        "steps": steps,
        "accuracy": accuracy(net, split),
        "seconds": round(seconds, 2),
        "parameters": analysis.model.parameters,
        "macs": analysis.model.resolutions[0].macs,
        "layers": [
            {
                "name": name,
                "receives": judged[name].layer.input.min[0],
                "sees": judged[name].layer.output.min[0],
                "verdict": str(judged[name].verdict),
                "probe": score,
            }
            for name, score in scores.items()
        ],
    }


def run(trials: list[Trial], options: argparse.Namespace) -> None:
    """Append one line per trial and seed to the file; what it holds already is not done again."""
    kept = read(options.results)
    done = {(row["trial"], row["seed"], row["images"], row["epochs"]) for row in kept}
    jobs = [
        (trial, seed, options.images, options.epochs)
        for seed in range(options.seeds)
        for trial in trials
        if (str(trial), seed, options.images, options.epochs) not in done
    ]
    os.environ["OMP_NUM_THREADS"] = "1"  # read by PyTorch and SciPy when a worker imports them
    pool = multiprocessing.get_context("spawn").Pool(options.jobs)
    with pool, options.results.open("a", encoding="utf-8") as file:
        for row in pool.imap_unordered(attempt, jobs):
            file.write(json.dumps(row) + "\n")
            file.flush()
            sys.stderr.write(f"{row['trial']}, seed {row['seed']}: {row['accuracy']:.3f}\n")


def read(path: Path) -> list[dict]:
    """The rows of a file of JSON lines; none if there is no file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--images", type=int, default=6000, help="training images")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=2, help="processes of one thread")
    parser.add_argument("--only", nargs="+", default=["*"], help="names of trials, with wildcards")
    parser.add_argument("--results", type=Path, default=Path("results.jsonl"))
    parser.add_argument("--tables", action="store_true", help="train nothing")
    options = parser.parse_args(arguments)
    if not options.tables:
        asked = [one for one in TRIALS if any(fnmatch(str(one), name) for name in options.only)]
        run(asked, options)
    from summary import summarise

    sys.stdout.write(summarise(read(options.results)))


if __name__ == "__main__":
    main()
