"""Exported programs on the command line."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import pytest

from rfa_core.cli import main

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.torch


@cache
def exported() -> bytes:
    """A chain of 20 convolutions, exported at 32 px."""
    layers = [torch.nn.Conv2d(3, 3, 3, padding=1) for _ in range(20)]
    program = torch.export.export(torch.nn.Sequential(*layers), (torch.zeros(1, 3, 32, 32),))
    file = io.BytesIO()
    torch.export.save(program, file)
    return file.getvalue()


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the exported chain."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "chain.pt2").write_bytes(exported())
    return tmp_path


@pytest.mark.usefixtures("saved")
def test_dead_layers_of_a_file_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["check", "chain.pt2", "--res", "32", "--output-format", "concise"])

    out = capsys.readouterr().out
    assert code == 1
    assert "chain.pt2:1:1: RFA101 chain.pt2: 4 layers are past the border at 32 px: layer 16" in out


@pytest.mark.usefixtures("saved")
def test_another_size_is_unsupported_and_judged_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["check", "chain.pt2", "--res", "16"])

    out = " ".join(capsys.readouterr().out.split())
    assert code == 1
    assert "takes one input size only and cannot run at 16 px" in out
    assert "12 layers are past the border at 16 px" in out
    assert "PK" not in out


def test_a_file_that_is_cut_off_is_no_verdict(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saved / "chain.pt2"
    file.write_bytes(file.read_bytes()[:2000])

    code = main(["check", "chain.pt2", "--res", "32"])

    out = " ".join(capsys.readouterr().out.split())
    assert code == 2
    assert "chain.pt2 cannot be read as an exported program: File is not a zip file" in out
    assert "Traceback" not in out
