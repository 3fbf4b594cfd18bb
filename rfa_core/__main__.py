"""``python -m rfa_core``: the same as ``rfa``."""

from __future__ import annotations

import sys

from rfa_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
