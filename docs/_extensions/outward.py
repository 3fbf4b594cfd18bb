"""Links to files that are no pages: those outside ``docs`` go to the repository.

Pages are read in two places. In the repository ``../examples/x.py`` and ``images/x.svg`` are
files; in the site, the first is at the repository's address, and the second is copied. The other
way round, pages reach what only the site has (the demo) by the site's address, which is made
relative here, so that it works wherever the site is looked at. Links that lead nowhere are
warnings, as those between pages are.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from myst_parser.mdit_to_docutils.base import default_slugify
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

LOG = logging.getLogger(__name__)


class OutwardLinks(SphinxTransform):
    """Runs before Sphinx takes files that are linked to for downloads."""

    default_priority: ClassVar[int] = 4

    def apply(self, **_arguments: Any) -> None:
        if self.app.builder.format == "html":
            for link in self.document.findall(nodes.reference):
                self._stay_in_site(link)
        for link in list(self.document.findall(addnodes.download_reference)):
            self._point(link, link["reftarget"], "")
        for link in list(self.document.findall(addnodes.pending_xref)):
            if link.get("refdomain") == "doc" and link["reftarget"].startswith("/"):
                self._point(link, f"{link['reftarget']}.md", link["reftargetid"] or "")
            elif link["reftarget"].startswith("../"):
                self._point(link, link["reftarget"], "")

    def _stay_in_site(self, link: nodes.reference) -> None:
        home = self.config.html_baseurl
        if link.get("refuri", "").startswith(home):
            name = link["refuri"].removeprefix(home) or "index.html"
            link["refuri"] = "../" * self.env.docname.count("/") + name
            link["internal"] = True

    def _point(self, link: nodes.Element, target: str, anchor: str) -> None:
        """Replace ``link`` by one to the file ``target``, seen from the page or absolute."""
        docs, text = Path(self.env.srcdir).resolve(), link.children[0].children
        file = (docs / self.env.docname).parent.joinpath(target).resolve()
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            where = f"{target}#{anchor}".strip("#")
            LOG.warning("link to %s, which is not there", where, location=link)
            link.replace_self(text)
            return
        if file.is_relative_to(docs):
            address = "../" * self.env.docname.count("/") + file.relative_to(docs).as_posix()
        else:
            path = file.relative_to(docs.parent).as_posix()
            kind = "tree" if file.is_dir() else "blob"
            address = f"{self.config.repository}/{kind}/main/{path}"
        link.replace_self(
            nodes.reference("", "", *text, refuri=f"{address}#{anchor}" if anchor else address)
        )


def _anchors(page: Path) -> set[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {default_slugify(title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def _copy_pictures(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        pictures = Path(app.srcdir, "images")
        kept = shutil.ignore_patterns("*.py", "__pycache__")
        shutil.copytree(pictures, Path(app.outdir, "images"), ignore=kept, dirs_exist_ok=True)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("repository", "", "env", str)
    app.add_transform(OutwardLinks)
    app.connect("build-finished", _copy_pictures)
    return {"parallel_read_safe": True}
