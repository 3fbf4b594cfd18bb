"""How Sphinx makes the site of these pages.

``sphinx-build -W -n --keep-going -b html docs build/site``: warnings are errors, so a link
between pages that leads nowhere is one. ``-b linkcheck`` asks the addresses outside.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_extensions"), str(HERE.parent)]

from rfa_core import __version__  # noqa: E402

project = "pytest-rfa"
author = "the authors of pytest-rfa"
copyright = author  # noqa: A001
release = __version__
repository = "https://github.com/pytest-rfa/pytest-rfa"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "contents",
    "outward",
    "demo",
]
exclude_patterns = ["_extensions", "images"]

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
copybutton_prompt_text = "$ "

html_theme = "furo"
html_title = "pytest-rfa"
html_baseurl = "https://pytest-rfa.github.io/pytest-rfa/"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_theme_options = {
    "source_repository": repository,
    "source_branch": "main",
    "source_directory": "docs/",
}

autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 76

# References stop at the standard library, at other projects and at what is internal.
nitpick_ignore_regex = [
    ("py:class", r"(?!rfa_core\.|pytest_rfa\.).*"),
    (
        "py:class",
        r"rfa_core\.(api\.sharding|baseline|cache|discovery|drawing|frontends|graph|ignores"
        r"|marking|parallel|proposals|receptive\.facts|sweeping|findings\.Explanation)\b.*",
    ),
]

linkcheck_anchors = False
linkcheck_timeout = 20
linkcheck_retries = 3
