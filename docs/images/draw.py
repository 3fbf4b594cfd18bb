"""Draws ``check.svg``: what ``rfa check`` prints on the bundled example, as a terminal shows it.

``python docs/images/draw.py [FILE]``
"""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
EXAMPLE = HERE.parent.parent / "examples" / "tiny_images"
COMMAND = ["check", "--res", "64", "--ignore", "RFA103", "--color", "always"]
FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" \
role="img" aria-label="rfa check on the example">
<style>
.{unique_id}-matrix {{ font: {char_height}px ui-monospace, Menlo, Consolas, monospace; \
line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main(target: Path) -> None:
    """Run the command in the example's folder and write the picture to ``target``."""
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    found = subprocess.run(
        [sys.executable, "-m", "rfa_core", *COMMAND],
        cwd=EXAMPLE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    console = Console(record=True, file=StringIO(), width=101, force_terminal=True)
    console.print(Text("$ rfa check --res 64 --ignore RFA103", "bold"))
    console.print(Text.from_ansi(found.stdout.rstrip()))
    title = "examples/tiny_images"
    target.write_text(
        console.export_svg(title=title, code_format=FORMAT, unique_id="rfa"), encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "check.svg")
