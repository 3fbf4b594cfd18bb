"""Takes ``page.png`` and ``tutorial.png``: pages of models, as Chromium shows them.

``python docs/images/photograph.py [NAME ...]``
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


MODELS = {
    "page.png": ("torchvision:resnet18", "64"),
    "tutorial.png": ("models/efficientnet.py", "32"),
}
"""Pictures, of which model at which size."""
EXAMPLE = HERE.parent.parent / "examples" / "pytorch_cifar"


def take(name: str) -> None:
    """Make the page and write its picture."""
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    model, size = MODELS[name]
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = shutil.copytree(EXAMPLE, Path(folder, "project"))
        (home / ".git").mkdir()
        file = Path(folder, "page.html")
        command = ["show", model, "--res", size, "-o", str(file)]
        subprocess.run([sys.executable, "-m", "rfa_core", *command], cwd=home, check=True)
        window = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = window.new_page(viewport=SIZE)
        page.goto(file.as_uri())
        page.locator("#says button").first.click()
        page.locator("#crumbs button").first.click()
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.screenshot(path=HERE / name)
        window.close()


if __name__ == "__main__":
    for name in sys.argv[1:] or MODELS:
        take(name)
