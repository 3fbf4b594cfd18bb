"""What ``rfa init`` writes: a table in which every key is explained and commented out, the
pre-commit hook and the workflow."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rfa_core.config.json_schema import ADDRESS
from rfa_core.config.schema import KEYS
from rfa_core.config.written import toml

PRE_COMMIT_FILE = ".pre-commit-config.yaml"
WORKFLOW_FILE = ".github/workflows/rfa.yml"
PROJECT = "pytest-rfa/pytest-rfa"
HEADER = "[tool.rfa]"

_PAGE = f"https://github.com/{PROJECT}/blob/main/docs/configuration.md"
_WIDTH = 88
_LINK = re.compile(r"\[([^]]+)\]\([^)]+\)")

_EXAMPLES: Mapping[str, object] = {
    "required-version": ">=0.1",
    "paths": ["src"],
    "exclude": ["**/blocks.py"],
    "select": ["RFA1", "RFA201"],
    "extend-select": ["RFA203", "RFA3"],
    "ignore": ["RFA103"],
    "severity": {"RFA104": "error"},
    "per-model-ignores": {"acme.legacy:*": ["RFA101"]},
    "baseline": "accepted.json",
    "fail-on": "warning",
    "max-unproductive-parameters": 0.05,
    "judge-pointwise": False,
    "judge-pooling": True,
    "tie": "productive",
    "norm-statistics": "global",
    "reports": ["json:rfa.json"],
    "cache-dir": "build/rfa",
    "plugins": ["acme.rfa_plugin"],
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """What models are to be judged at: ``settled``, or something to begin with.

    ``why`` is what a settled one was read from.
    """

    values: Sequence[object] = ()
    settled: bool = False
    why: str = ""

    @property
    def line(self) -> str:
        """The key as it is, or is to be, set."""
        return f"resolutions = {toml(list(self.values) or [self.first])}"

    @property
    def first(self) -> object:
        """One to begin with."""
        return self.values[0] if self.values else 64


def table(targets: Sequence[str], sizes: Sizes) -> str:
    """The keys with their explanations, nothing set but settled ``sizes``, for a ``[tool.rfa]``
    that comes before.

    ``targets`` are what discovery found.
    """
    lines = [f"# {_PAGE}", *_resolutions(sizes)]
    for key, value in _EXAMPLES.items():
        lines += ["", *_explained(KEYS[key].description), f"# {key} = {toml(value)}"]
    if targets:
        lines += ["", *_explained("the models that discovery finds; named, they are all")]
        lines += ["# factories = [", *(f"#   {toml(name)}," for name in targets), "# ]"]
    return "".join(f"{line}\n" for line in lines)


def file(targets: Sequence[str], sizes: Sizes) -> str:
    """The same as a ``rfa.toml``, where the keys stand at the top."""
    return f"#:schema {ADDRESS}\n{table(targets, sizes)}"


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
    """A workflow that checks pushes and pull requests; ``install`` follows ``pip install``, empty
    where the user has to fill it in."""
    wanted = install or "torch  # or whatever your models need"
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
      - run: python -m pip install {wanted}
      - uses: {PROJECT}@v0
"""


def _resolutions(sizes: Sizes) -> Iterator[str]:
    yield ""
    yield from _explained(KEYS["resolutions"].description)
    if sizes.settled:
        if sizes.why:
            yield from _explained(f"{sizes.why} says so; if your images differ, so does this")
        yield sizes.line
    else:
        yield from _explained("to be filled in: nothing is judged without it")
        yield f"# {sizes.line}"


def _explained(text: str) -> Iterator[str]:
    words = _LINK.sub(r"\1", text)
    sentence = f"{words[0].upper()}{words[1:]}"
    return (f"# {line}" for line in textwrap.wrap(sentence, _WIDTH, break_long_words=False))
