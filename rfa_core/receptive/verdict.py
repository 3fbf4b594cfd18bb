"""What a layer is at a resolution: the table of *Verdicts* in ``docs/semantics.md``."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from rfa_core.receptive.layers import Layer
from rfa_core.receptive.policy import Policy


class Verdict(str, Enum):
    """The verdicts, worst first; ``not-judged`` layers are listed only."""

    UNPRODUCTIVE = "unproductive"
    CRITICAL = "critical"
    FULL_KERNEL = "full-kernel"
    PARTIAL = "partial"
    PRODUCTIVE = "productive"
    NOT_JUDGED = "not-judged"

    def __str__(self) -> str:
        return self.value


def judge(layer: Layer, resolution: tuple[int, ...], policy: Policy) -> Verdict:
    """The verdict of ``layer`` on an image of ``resolution`` pixels per axis.

    A layer that is called several times is as good as the best of its calls; axes on which it
    does not depend (those of another input) do not count. Source:
    Richter et al., "Should You Go Deeper?" (2021) and the reference implementation
    ``rfa_toolbox``; the feature-map condition uses the exact map size. The conditions on
    footprints come first, so that the published counts hold (ResNet-18 at 16 px: 8
    unproductive, 8 critical, although the kernels of 5 of these cover their maps); RFA102
    asks ``covers_its_map`` of critical layers, too.
    """
    if not is_judged(layer, policy):
        return Verdict.NOT_JUDGED
    calls = (layer, *layer.other_calls)
    return max((_judge(call, resolution, policy) for call in calls), key=list(Verdict).index)


def _judge(layer: Layer, resolution: tuple[int, ...], policy: Policy) -> Verdict:
    own = [axis for axis, size in enumerate(layer.output.min) if size != 0]
    past = [_size(layer.output.min[axis]) > resolution[axis] for axis in own]
    seen = [_size(layer.input.min[axis]) for axis in own]
    if all(past) and _sees_everything(seen, [resolution[axis] for axis in own], policy):
        return Verdict.UNPRODUCTIVE
    if all(past):
        return Verdict.CRITICAL
    if covers_its_map(layer):
        return Verdict.FULL_KERNEL
    return Verdict.PARTIAL if any(past) else Verdict.PRODUCTIVE


def is_judged(layer: Layer, policy: Policy) -> bool:
    """Whether ``policy`` judges the layer at any resolution."""
    if layer.dense or not layer.judgeable:
        return False
    if layer.judgeable == "pooling" and not policy.judge_pooling:
        return False
    return policy.judge_pointwise or any(size > 1 for size in layer.kernel)


def decided_by_tie(layer: Layer, resolution: tuple[int, ...]) -> bool:
    """Whether the verdict would be another under the other rule for ties."""
    policies = (Policy(judge_pooling=True, strict_tie=strict) for strict in (False, True))
    return len({judge(layer, resolution, policy) for policy in policies}) > 1


def covers_its_map(layer: Layer) -> bool:
    """Whether the kernel is larger than 1, and one output reads as many positions as the map it
    receives has, on every axis.

    Those are as many as the kernel has taps, but for transposed convolutions: a kernel of 4 and
    a stride of 2 read 2 positions.
    """
    if not any(size > 1 for size in layer.kernel):
        return False
    return all(
        size >= (extent or 1)
        for size, extent in zip(layer.reads, layer.input_feature_map, strict=True)
    )


def _sees_everything(sizes: Sequence[float], limits: Sequence[int], policy: Policy) -> bool:
    slack = 1 if policy.strict_tie else 0
    return all(size >= limit + slack for size, limit in zip(sizes, limits, strict=True))


def _size(size: int | None) -> float:
    return float("inf") if size is None else size
