"""What ``rfa list`` writes."""

from __future__ import annotations

import json
from collections.abc import Callable

from rfa_core.discovery.candidates import Listing, Target
from rfa_core.findings import Skipped
from rfa_core.report.listing import render_listing

LISTING = Listing(
    targets=(
        Target(
            "acme.models:unet",
            "/project/src/acme/models.py",
            41,
            "torch",
            confidence=0.934,
            reasons=("returns a network", "named like an architecture"),
            arguments={"depth": 4, "norm": complex},
            named=False,
        ),
        Target("torchvision:resnet18"),
    ),
    left_alone=(
        Skipped("acme.models:Block", "/project/src/acme/models.py", 8, "needs arguments: planes"),
        Skipped("evil\x1b[31m", None, None, "a\nb"),
    ),
)


def test_the_listing_as_text_is_what_its_golden_file_holds(
    golden: Callable[[str, str], None],
) -> None:
    golden("listing.txt", render_listing(LISTING, "text", "/project"))


def test_the_listing_as_json_has_the_shape_of_the_contract() -> None:
    content = json.loads(render_listing(LISTING, "json", "/project"))

    assert content == {
        "version": 1,
        "targets": [
            {
                "name": "acme.models:unet",
                "file": "src/acme/models.py",
                "line": 41,
                "framework": "torch",
                "kind": "function",
                "confidence": 0.934,
                "reasons": ["returns a network", "named like an architecture"],
                "arguments": {"depth": 4, "norm": "<class 'complex'>"},
            },
            {
                "name": "torchvision:resnet18",
                "file": None,
                "line": None,
                "framework": None,
                "kind": "function",
                "confidence": 1.0,
                "reasons": [],
                "arguments": {},
            },
        ],
        "left_alone": [
            {
                "name": "acme.models:Block",
                "file": "src/acme/models.py",
                "line": 8,
                "reason": "needs arguments: planes",
            },
            {"name": "evil\x1b[31m", "file": None, "line": None, "reason": "a\nb"},
        ],
    }


def test_a_file_outside_the_root_keeps_its_path() -> None:
    listing = Listing((Target("m:f", "/elsewhere/m.py", 1),))

    text = render_listing(listing, "text", "/project")

    assert "  m:f  /elsewhere/m.py:1\n" in text


def test_an_empty_listing_says_so() -> None:
    assert render_listing(Listing(()), "text", "/project") == "0 models found\n"
