"""What the table of contents needs and a reader of the repository does not."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

RULES = """

```{toctree}
:hidden:
:glob:

*
```
"""


def complete(app: Sphinx, name: str, source: list[str]) -> None:
    """Put the rules below their index, and leave out patterns that no page fits yet."""
    if name == "rules/index":
        source[0] += RULES
    if name == "index":
        docs = Path(app.srcdir)
        patterns = re.findall(r"^\S*\w/?\*$", source[0], re.MULTILINE)
        for pattern in patterns:
            if not any(docs.glob(f"{pattern}.md")):
                source[0] = source[0].replace(f"\n{pattern}\n", "\n")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("source-read", complete)
    return {"parallel_read_safe": True}
