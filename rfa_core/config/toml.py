"""The TOML parser of the standard library, or its backport before Python 3.11."""

from __future__ import annotations

import re
import sys
from typing import Any

if sys.version_info >= (3, 11):
    from tomllib import TOMLDecodeError as TOMLDecodeError
    from tomllib import loads as _loads
else:
    from tomli import TOMLDecodeError as TOMLDecodeError
    from tomli import loads as _loads

_LONG_NUMBER = re.compile(r"[0-9](?:_?[0-9]){4300}")


def loads(text: str) -> dict[str, Any]:
    """What a TOML text holds. Raises TOMLDecodeError, also where Python has limits."""
    try:
        return _loads(text)
    except TOMLDecodeError:
        raise
    except RecursionError:
        raise TOMLDecodeError("it is nested too deeply (at line 1, column 1)") from None
    except ValueError as error:
        found = _LONG_NUMBER.search(text)
        before = text[: found.start() if found else 0].split("\n")
        place = f"(at line {len(before)}, column {len(before[-1]) + 1})"
        reason = "a number of more than 4,300 digits" if found else str(error)
        raise TOMLDecodeError(f"{reason} {place}") from None
