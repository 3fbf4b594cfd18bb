"""Takes ``page.png``: the page of ResNet-18 at 64 px, as Chromium shows it.

``python docs/images/photograph.py [FILE]``
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZE = {"width": 1400, "height": 1010}


def main(target: Path) -> None:
    """Make the page and write its picture to ``target``."""
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder, "page.html")
        command = ["show", "torchvision:resnet18", "--res", "64", "-o", str(file)]
        subprocess.run([sys.executable, "-m", "rfa_core", *command], check=True)
        window = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = window.new_page(viewport=SIZE)
        page.goto(file.as_uri())
        page.locator("#says button").first.click()
        page.locator("#crumbs button").first.click()
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.screenshot(path=target)
        window.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "page.png")
