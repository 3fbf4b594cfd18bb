"""Takes ``pull-request.png``: the annotation of the bundled example in a pull request.

Text and line are those that ``rfa check`` hands to GitHub Actions, the lines are those that ``git``
shows of the file; only the frame around them is drawn here.

``python docs/images/annotate.py [FILE]``
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
EXAMPLE = HERE.parent.parent / "examples" / "tiny_images"
COMMAND = ["check", "--res", "64", "--no-cache", "--output-format", "github"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AROUND = (5, 2)
"""How many lines are shown up to the annotated one, and after it."""
ANNOTATION = re.compile(r"::error file=([^,]+),line=(\d+).*?,title=([^:]+)::(.*)")
PAGE = """\
<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 16px; background: #fff; width: 1000px;
  font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }}
section {{ border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden; }}
header {{ background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 12px;
  font: 12px ui-monospace, Menlo, Consolas, monospace; }}
table {{ border-collapse: collapse; width: 100%; }}
td {{ font: 12px/20px ui-monospace, Menlo, Consolas, monospace; white-space: pre;
  padding: 0 10px; }}
td.n {{ background: #aceebb; text-align: right; width: 30px; color: #1f2328; }}
td.c {{ background: #dafbe1; }}
aside {{ margin: 8px; border: 1px solid #d1d9e0; border-left: 3px solid #cf222e; border-radius: 6px;
  white-space: normal; padding: 8px 12px; font-family: -apple-system, "Segoe UI", "Noto Sans",
  Helvetica, Arial, sans-serif; font-size: 13px; }}
aside small {{ color: #59636e; }} aside b {{ color: #cf222e; }}
aside p {{ margin: 4px 0 0; font: 12px/18px ui-monospace, Menlo, Consolas, monospace; }}
</style><section><header>{file}</header><table>{rows}</table></section>
"""
ROW = '<tr><td class="n">{number}</td><td class="c">{line}</td></tr>'
BOX = (
    '<tr><td colspan="2"><aside><small>Check failure on line {number} in {file}</small><br>'
    "<b>{title}</b><p>{message}</p></aside></td></tr>"
)


@dataclass(frozen=True, slots=True)
class Annotation:
    """What GitHub is told: where, and what."""

    file: str
    line: int
    title: str
    message: str


def annotation() -> Annotation:
    """The first error that ``rfa check`` hands to GitHub Actions."""
    found = subprocess.run(
        [sys.executable, "-m", "rfa_core", *COMMAND],
        cwd=EXAMPLE,
        capture_output=True,
        text=True,
        check=False,
    )
    file, line, title, message = re.findall(ANNOTATION, found.stdout)[0]
    return Annotation(file, int(line), unquote(title), unquote(message))


def added_lines(file: Path) -> list[str]:
    """The lines of a file that a pull request adds, as ``git diff`` shows them."""
    shown = subprocess.run(
        ["git", "diff", "--no-index", "/dev/null", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout.partition("@@\n")[2].splitlines()


def drawn(said: Annotation) -> str:
    """The page with the lines around the annotated one, and the annotation below it."""
    lines = added_lines(EXAMPLE / said.file)
    first, last = said.line - AROUND[0], said.line + AROUND[1]
    rows = [
        ROW.format(number=number, line=escape(line))
        for number, line in enumerate(lines, 1)
        if first < number <= last
    ]
    box = BOX.format(
        number=said.line,
        file=escape(said.file),
        title=escape(said.title),
        message=escape(said.message).replace(" (help: ", "<br><br>(help: "),
    )
    rows.insert(min(AROUND[0], said.line), box)
    return PAGE.format(file=escape(said.file), rows="".join(rows))


def main(target: Path) -> None:
    """Draw the page and write its picture to ``target``."""
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder, "page.html")
        file.write_text(drawn(annotation()), encoding="utf-8")
        window = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = window.new_page(device_scale_factor=1.5)
        page.goto(file.as_uri())
        page.locator("section").screenshot(path=target)
        window.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "pull-request.png")
