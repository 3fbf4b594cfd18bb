"""All rules, by code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from rfa_core.rules.base import Rule
from rfa_core.rules.blind_network import BlindNetwork
from rfa_core.rules.checkerboard_upsampling import CheckerboardUpsampling
from rfa_core.rules.critical_layer import CriticalLayer
from rfa_core.rules.full_kernel import FullKernel
from rfa_core.rules.gridding_dilation import GriddingDilation
from rfa_core.rules.inexact_layer import InexactLayer
from rfa_core.rules.misaligned_merge import MisalignedMerge
from rfa_core.rules.partially_unproductive_layer import PartiallyUnproductiveLayer
from rfa_core.rules.skipped_positions import SkippedPositions
from rfa_core.rules.stale_baseline_entry import StaleBaselineEntry
from rfa_core.rules.unbuildable_model import UnbuildableModel
from rfa_core.rules.unimportable_module import UnimportableModule
from rfa_core.rules.unproductive_layer import UnproductiveLayer
from rfa_core.rules.unproductive_parameters import UnproductiveParameters
from rfa_core.rules.unread_border import UnreadBorder
from rfa_core.rules.unsupported_resolution import UnsupportedResolution
from rfa_core.rules.untraceable_model import UntraceableModel
from rfa_core.rules.unused_ignore import UnusedIgnore


def registry(rules: Iterable[Rule]) -> Mapping[str, Rule]:
    """The rules by code, sorted. Raises ValueError if two share a code or a name."""
    found: dict[str, Rule] = {}
    names: dict[str, str] = {}
    for rule in rules:
        if rule.code in found:
            raise ValueError(f"two rules have the code {rule.code}")
        if rule.name in names:
            raise ValueError(f"{names[rule.name]} and {rule.code} have the name {rule.name}")
        found[rule.code] = rule
        names[rule.name] = rule.code
    return MappingProxyType(dict(sorted(found.items())))


RULES: Mapping[str, Rule] = registry(
    (
        UnproductiveLayer(),
        FullKernel(),
        CriticalLayer(),
        PartiallyUnproductiveLayer(),
        UnproductiveParameters(),
        UnsupportedResolution(),
        BlindNetwork(),
        UnreadBorder(),
        SkippedPositions(),
        CheckerboardUpsampling(),
        GriddingDilation(),
        MisalignedMerge(),
        UnimportableModule(),
        UnbuildableModel(),
        UntraceableModel(),
        InexactLayer(),
        UnusedIgnore(),
        StaleBaselineEntry(),
    )
)
