"""Sources with a network in them, and what a scan lists."""

from __future__ import annotations

from rfa_core.discovery.candidates import Listing

HEAD = "import torch\nfrom torch import nn\n"
NET = f"""\
{HEAD}
class Net(nn.Module):
    def forward(self, x):
        return x
"""


def listed(listing: Listing) -> tuple[list[str], dict[str, str]]:
    targets = [target.name for target in listing.targets]
    return targets, {skipped.name: skipped.reason for skipped in listing.left_alone}
