"""What ``rfa init`` writes: a table in which every key is explained and commented out, the
pre-commit hook and the workflow."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from rfa_core.config.json_schema import ADDRESS
from rfa_core.config.schema import KEYS
from rfa_core.config.written import toml

PRE_COMMIT_FILE = ".pre-commit-config.yaml"
WORKFLOW_FILE = ".github/workflows/rfa.yml"
PROJECT = "pytest-rfa/pytest-rfa"
HEADER = "[tool.rfa]"

_PAGE = f"https://github.com/{PROJECT}/blob/main/docs/configuration.md"
_WIDTH = 88

_EXAMPLES: Mapping[str, object] = {
    "required-version": ">=0.1",
    "paths": ["src"],
    "exclude": ["**/blocks.py"],
    "extend-select": ["RFA203", "RFA3"],
    "ignore": ["RFA103"],
    "severity": {"RFA104": "error"},
    "per-model-ignores": {"acme.legacy:*": ["RFA101"]},
    "fail-on": "warning",
    "max-unproductive-parameters": 0.05,
    "reports": ["json:rfa.json"],
    "plugins": ["acme.rfa_plugin"],
}


def table(targets: Sequence[str], resolutions: Sequence[int]) -> str:
    """The keys with their explanations, nothing set, for a ``[tool.rfa]`` that comes before.

    ``targets`` and ``resolutions`` are what discovery found.
    """
    lines = [f"# {_PAGE}"]
    for key, value in {"resolutions": list(resolutions) or [64], **_EXAMPLES}.items():
        lines += ["", *_explained(KEYS[key].description), f"# {key} = {toml(value)}"]
    if targets:
        lines += ["", *_explained("the models that discovery finds; named, they are all")]
        lines += ["# factories = [", *(f"#   {toml(name)}," for name in targets), "# ]"]
    return "".join(f"{line}\n" for line in lines)


def file(targets: Sequence[str], resolutions: Sequence[int]) -> str:
    """The same as a ``rfa.toml``, where the keys stand at the top."""
    return f"#:schema {ADDRESS}\n{table(targets, resolutions)}"


def pre_commit(version: str) -> str:
    """A configuration of pre-commit with the hook of ``version`` alone."""
    return f"""\
repos:
  - repo: https://github.com/{PROJECT}
    rev: v{version}
    hooks:
      - id: rfa
      - id: rfa-config
"""


def workflow(install: str) -> str:
    """A workflow that checks pushes and pull requests; ``install`` follows ``pip install``."""
    return f"""\
name: rfa

on:
  push:
  pull_request:

permissions:
  contents: read

jobs:
  rfa:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install {install}
      - uses: {PROJECT}@v0
"""


def _explained(text: str) -> Iterator[str]:
    sentence = f"{text[0].upper()}{text[1:]}"
    return (f"# {line}" for line in textwrap.wrap(sentence, _WIDTH, break_long_words=False))
