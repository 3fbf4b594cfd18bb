"""What is read while notes are taken."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from time import time_ns

from rfa_core.cache.watching import Watch


def test_a_folder_that_is_opened_to_be_removed_is_no_file_that_changed(tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    (folder / "file").write_text("written and forgotten", encoding="utf-8")
    watch = Watch()

    with watch.on("a run"):
        shutil.rmtree(folder)

    found = watch.dependencies([__file__], os.sep, time_ns())
    assert found is not None
    assert str(folder).lstrip(os.sep) not in found.files
