"""What the installed but unused plugin adds to the start of pytest.

Three kinds of runs over one empty test, in turn, so that the machine's moods hit all alike:
without the plugin, with a plugin that is an empty module, and with ours.
``python benchmarks/unused_plugin.py [--runs N]``
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KINDS = {
    "no plugin": ("-p", "no:rfa"),
    "an empty plugin": ("-p", "no:rfa", "-p", "empty_plugin"),
    "pytest-rfa, unused": (),
}


def main() -> None:
    """Print the median of each kind and the differences to the empty plugin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=21)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "empty_plugin.py").write_text("")
        (folder / "test_one.py").write_text("def test_one():\n    pass\n")
        times: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for _ in range(runs + 1):
            for kind, options in KINDS.items():
                times[kind].append(timed(folder, options))
    medians = {kind: statistics.median(found[1:]) for kind, found in times.items()}
    print(f"{platform.platform()}, Python {platform.python_version()}, {runs} runs each")
    for kind, median in medians.items():
        ratio = median / medians["an empty plugin"]
        print(f"{kind:20}{median * 1000:8.1f} ms{ratio:8.3f} of the empty plugin's")


def timed(folder: Path, options: tuple[str, ...]) -> float:
    """Seconds of one pytest run in ``folder``."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
