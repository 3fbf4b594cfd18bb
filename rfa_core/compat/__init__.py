"""The interface of ``rfa_toolbox`` on this engine: change the import, keep the script.

What differs in results, and why, is in ``docs/coming-from-rfa-toolbox.md``.
"""

from __future__ import annotations

from rfa_core.compat.graphs import EnrichedNetworkNode as EnrichedNetworkNode
from rfa_core.compat.graphs import LayerDefinition as LayerDefinition
from rfa_core.compat.handlers import add_custom_layer_handler as add_custom_layer_handler
from rfa_core.compat.importing import (
    create_graph_from_pytorch_model as create_graph_from_pytorch_model,
)
from rfa_core.compat.importing import (
    create_graph_from_tensorflow_model as create_graph_from_tensorflow_model,
)
from rfa_core.compat.questions import input_resolution_range as input_resolution_range
from rfa_core.compat.questions import visualize_architecture as visualize_architecture
