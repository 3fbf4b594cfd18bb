"""What ``rfa_toolbox`` is asked about a graph: the feasible range, a picture."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from rfa_core.compat.nodes import GraphNode
from rfa_core.errors import UsageError
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    import graphviz

Sizes = tuple[float, ...]


def input_resolution_range(
    graph: GraphNode,
    filter_all_inf_rf: bool = True,
    filter_kernel_size_1: bool = False,
    cardinality: int = 2,
) -> tuple[Sizes, Sizes]:
    """The smallest and the largest feasible resolution, one number per axis.

    From the smallest on no layer is unproductive; above the largest no layer sees the whole
    image. ``filter_all_inf_rf=False`` lets paths that see everything count (where the graph was
    made so): then there is no largest one. ``filter_kernel_size_1`` leaves kernels of size 1
    out. ``cardinality`` is the number of axes. Raises UsageError if the model has another.
    """
    network = graph.network
    smallest, largest = network.range(Policy(judge_pointwise=not filter_kernel_size_1))
    if network.scalar:
        smallest, largest = smallest[:1] * cardinality, largest[:1] * cardinality
    if len(smallest) != cardinality:
        raise UsageError(
            f"the model has {len(smallest)} axes, and cardinality is {cardinality}",
            f"pass cardinality={len(smallest)}",
        )
    layers = [network.layer(node) for node in graph.all_layers]
    unbounded = network.counts_context and not filter_all_inf_rf
    if unbounded and any(
        one.output.global_context and not one.dense for one in layers if one is not None
    ):
        largest = (None,) * cardinality
    return _numbers(smallest), _numbers(largest)


def visualize_architecture(
    output_node: GraphNode,
    model_name: str,
    input_res: int | Sequence[int] = 224,
    color_critical: bool = True,
    color_border: bool = True,
    include_rf_info: bool = True,
    filter_kernel_size_1: bool = False,
    include_fm_info: bool = True,
) -> graphviz.Digraph:
    """The graph at ``input_res`` pixels as ``rfa_toolbox`` colours it: unproductive layers red,
    critical ones orange, those past the border on some axes yellow.
    """
    from rfa_core.api import visualize_architecture as picture
    from rfa_core.drawing.dot import DotStyle

    unmarked = set() if color_critical else {Verdict.CRITICAL, Verdict.PARTIAL}
    unmarked |= set() if color_border else {Verdict.UNPRODUCTIVE, Verdict.FULL_KERNEL}
    network = output_node.network
    return picture(
        network.model(),
        model_name,
        input_res,
        style=DotStyle(True, include_rf_info, include_fm_info, frozenset(unmarked)),
        input_shape=network.input_shape,
        policy=Policy(judge_pointwise=not filter_kernel_size_1),
    )


def _numbers(sizes: Sequence[int | None]) -> Sizes:
    return tuple(inf if size is None else size for size in sizes)
