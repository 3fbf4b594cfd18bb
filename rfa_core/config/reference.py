"""The tables of the configuration page, made from the keys.

``python -m rfa_core.config.reference docs/configuration.md`` writes them into the page.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from rfa_core.config.factories import FACTORY_KEYS
from rfa_core.config.json_schema import defaults
from rfa_core.config.keys import Key
from rfa_core.config.schema import KEYS
from rfa_core.config.written import toml


def with_tables(page: str) -> str:
    """``page`` with both tables anew, between their marks."""
    known = {name: f"`{toml(value)}`" for name, value in defaults().items()}
    page = _replaced(page, "keys", _table(KEYS, known))
    return _replaced(page, "factory keys", _table(FACTORY_KEYS, {}))


def _table(keys: Mapping[str, Key], known: Mapping[str, str]) -> str:
    rows = [
        f"| `{name}` | {known.get(name, key.unset)} | {key.description} |"
        for name, key in keys.items()
    ]
    return "\n".join(["| key | default | |", "|---|---|---|", *rows])


def _replaced(page: str, name: str, table: str) -> str:
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    pattern = f"{re.escape(begin)}.*?{re.escape(end)}"
    return re.sub(pattern, lambda _: f"{begin}\n{table}\n{end}", page, flags=re.DOTALL)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(with_tables(file.read_text(encoding="utf-8")), encoding="utf-8")
