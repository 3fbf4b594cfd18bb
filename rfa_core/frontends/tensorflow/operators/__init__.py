"""The translations of TensorFlow's operations, by family; importing this registers them."""

from __future__ import annotations

from rfa_core.frontends.tensorflow.operators import batches as batches
from rfa_core.frontends.tensorflow.operators import contractions as contractions
from rfa_core.frontends.tensorflow.operators import convolutions as convolutions
from rfa_core.frontends.tensorflow.operators import elementwise as elementwise
from rfa_core.frontends.tensorflow.operators import indexing as indexing
from rfa_core.frontends.tensorflow.operators import loops as loops
from rfa_core.frontends.tensorflow.operators import norms as norms
from rfa_core.frontends.tensorflow.operators import pooling as pooling
from rfa_core.frontends.tensorflow.operators import rearranging as rearranging
from rfa_core.frontends.tensorflow.operators import resizing as resizing
from rfa_core.frontends.tensorflow.operators import sampling as sampling
