"""The page in a real browser; the folder's own helper (``pages``) can be imported."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import rfa_core as rfa
from rfa_core.findings import Report

sys.path.insert(0, str(Path(__file__).parent))

from pages import Open

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; where there is none the tests are skipped, and say so."""
    pytest.importorskip("playwright", reason="needs playwright; the page was NOT tested")
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("needs Chromium (Debian: apt install chromium); the page was NOT tested")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def shown(browser: Any, tmp_path: Path) -> Open:
    """Opens the page of a report; whatever it asks of a server or complains of is a failure."""

    @contextmanager
    def show(
        report: Report,
        options: rfa.RenderOptions | None = None,
        **how: object,
    ) -> Iterator[Any]:
        file = tmp_path / "page.html"
        file.write_text(
            rfa.render("html", report, options or rfa.RenderOptions()), encoding="utf-8"
        )
        context = browser.new_context(viewport={"width": 1400, "height": 1000}, **how)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("request", lambda request: said.append(request.url))
        page.goto(file.as_uri())
        yield page
        context.close()
        asked = [one for one in said if not one.startswith((file.as_uri(), "data:", "blob:"))]
        assert asked == []

    return show
