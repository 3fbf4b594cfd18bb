"""What broke the contract, each kind once, kept with the input that did it."""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import dataclass, field
from pathlib import Path

_SELF = str(Path(__file__).parent)


@dataclass(slots=True)
class Findings:
    """Failures by where they were raised; the shortest input of each lies in ``folder``."""

    folder: Path
    sizes: dict[str, int] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)

    def add(self, error: BaseException, data: bytes) -> None:
        """Keep ``data`` if no shorter input failed in the same way."""
        key = _key(error)
        self.times[key] = self.times.get(key, 0) + 1
        if key in self.sizes and len(data) >= self.sizes[key]:
            return
        self.sizes[key] = len(data)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / key).write_bytes(data)
        told = "".join(traceback.format_exception(error))
        (self.folder / f"{key}.txt").write_text(told, encoding="utf-8", errors="backslashreplace")


def _key(error: BaseException) -> str:
    """The kind of the error and the lines of the product that it came through last."""
    if type(error).__name__ == "TooSlowError":
        return "TooSlowError"
    frames = [
        f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "rfa_core" in frame.filename or frame.filename.startswith(_SELF)
    ]
    place = hashlib.sha256("\n".join(frames[-2:]).encode()).hexdigest()[:8]
    return f"{type(error).__name__}-{place}"
