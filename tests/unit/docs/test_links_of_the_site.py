"""Links to files that are no pages, in a site of two of them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from projects import python, written

pytest.importorskip("myst_parser")
EXTENSIONS = Path(__file__).parents[3] / "docs" / "_extensions"
CONFIGURATION = f"""
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions = ["myst_parser", "outward"]
repository = "https://git.example/acme"
html_baseurl = "https://acme.example/"
html_theme = "basic"
"""
INDEX = """\
# Pages

[file](../code.py), [folder](../src), [heading](../README.md#use-it), [picture](images/a.svg)

```{toctree}
deep/page
news
```
"""
PAGE = """\
# Page

[demo](https://acme.example/demo.html), [picture](../images/a.svg), [elsewhere](https://b.example/)
"""
NEWS = """\
# News

[file](code.py), [page](docs/deep/page.md), [picture](docs/images/a.svg)
"""


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    files = {
        "code.py": "",
        "src/a.py": "",
        "README.md": "# Acme\n\n## Use it\n",
        "docs/conf.py": CONFIGURATION,
        "docs/index.md": INDEX,
        "docs/deep/page.md": PAGE,
        "docs/news.md": "```{include} ../NEWS.md\n:relative-docs: docs/\n```\n",
        "NEWS.md": NEWS,
        "docs/images/a.svg": "<svg/>",
    }
    return written(tmp_path, files) / "docs"


def build(docs: Path) -> subprocess.CompletedProcess[str]:
    command = ("sphinx", "-W", "--keep-going", "-q", "-b", "html", str(docs), str(docs / "site"))
    return python(docs, "-m", *command)


def links(page: Path) -> dict[str, str]:
    found = re.findall(r'href="([^"]*)">(?:<[^>]*>)?(\w+)<', page.read_text(encoding="utf-8"))
    return {text: address for address, text in found}


def test_files_are_in_the_repository_pictures_and_the_demo_in_the_site(docs: Path) -> None:
    done = build(docs)

    index, page = links(docs / "site/index.html"), links(docs / "site/deep/page.html")
    news = links(docs / "site/news.html")
    assert (done.returncode, done.stderr) == (0, "")
    assert index["file"] == "https://git.example/acme/blob/main/code.py"
    assert index["folder"] == "https://git.example/acme/tree/main/src"
    assert index["heading"] == "https://git.example/acme/blob/main/README.md#use-it"
    assert index["picture"] == "images/a.svg"
    assert page["picture"] == "../images/a.svg"
    assert page["demo"] == "../demo.html"
    assert page["elsewhere"] == "https://b.example/"
    assert news["file"] == "https://git.example/acme/blob/main/code.py"
    assert news["page"] == "deep/page.html"
    assert news["picture"] == "images/a.svg"
    assert (docs / "site/images/a.svg").read_text(encoding="utf-8") == "<svg/>"


def test_links_that_lead_nowhere_are_errors(docs: Path) -> None:
    wrong = ["../gone.py", "../README.md#no-heading", "deep/nobody.md", "#not-here"]
    links = " ".join(f"[wrong]({target})" for target in wrong)
    (docs / "index.md").write_text(f"{INDEX}\n{links}\n", encoding="utf-8")

    done = build(docs)

    assert done.returncode == 1
    assert done.stderr.count("WARNING") == len(wrong)
    assert [
        name for name in ("gone.py", "no-heading", "nobody", "not-here") if name not in done.stderr
    ] == []
