"""``rfa_core.testing``: what a failing assertion says."""

from __future__ import annotations

from pathlib import Path

import pytest

import rfa_core as rfa
from rfa_core.testing import assert_productive, assert_receptive_field


def chain(depth: int = 4) -> rfa.Graph:
    """Convolutions of 3 pixels in two stages, the second at half the resolution."""
    net = rfa.Graph("chain", channels=3)
    for number in range(depth):
        stage = "wide" if number < 2 else "narrow"
        net.conv(f"{stage}.{number}", filters=8, kernel=3, stride=2 if number == 2 else 1)
    return net


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.rfa]\nresolutions = [8]\n")
    monkeypatch.chdir(tmp_path)


def test_receptive_fields_are_named_by_layers_and_by_modules() -> None:
    analysis = assert_receptive_field(
        chain(), {"wide.0": "3", "wide": 5, "narrow.2": [7, 7], "narrow.3": "11x11", "narrow": 11}
    )

    assert analysis.model.name == "chain"


def test_what_differs_is_told_in_a_table() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_receptive_field(
            chain(), {"wide.0": 3, "wide": 9, "narrow.3": [11, 12], "wode": 1, "narrow": None}, 32
        )

    assert str(caught.value).splitlines() == [
        "receptive fields of chain differ:",
        "            expected  found",
        "  wide             9  5 (at wide.1)",
        "  narrow.3     11x12  11",
        "  wode             1  no such layer, did you mean wide?",
        "  narrow        none  11 (at narrow.3)",
    ]


def test_a_productive_model_passes_and_its_report_is_returned() -> None:
    report = assert_productive(chain(), 64)

    assert report.exit_code == 0


def test_the_findings_are_told_as_the_command_line_does() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_productive(chain(8), "8")

    heading, _, text = str(caught.value).partition("\n\n")
    assert heading == "chain: RFA101, RFA103"
    assert text.startswith("error RFA101 unproductive-layer")
    assert (
        "4 layers are past the border at 8 px: narrow.4, the border layer, already receives 11 px, "
        "all of the image, and so do 3 more"
    ) in " ".join(text.split())


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ({}, "RFA101, RFA103"),
        ({"res": "64,8"}, "RFA101, RFA103, RFA202"),
        ({"res": (8, 8), "ignore": ["RFA103"]}, "RFA101"),
        ({"res": [64, 8]}, "RFA101, RFA103, RFA202"),
        ({"res": [(64, 64), "8x8, 64x8"], "ignore": "RFA103, RFA104"}, "RFA101, RFA202"),
    ],
)
def test_resolutions_and_rules_can_be_chosen(options: dict[str, object], codes: str) -> None:
    with pytest.raises(AssertionError, match=f"^chain: {codes}\n"):
        assert_productive(chain(8), **options)  # type: ignore[arg-type]


def test_ignored_rules_do_not_fail() -> None:
    report = assert_productive(chain(8), 8, ignore=["RFA1"])

    assert report.findings == ()


def test_without_any_resolution_there_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.rfa]\n")

    with pytest.raises(rfa.RfaError, match="no resolution to judge the model at"):
        assert_productive(chain())
