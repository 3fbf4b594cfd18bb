"""Operations of ``keras.ops``, one module per family; importing it registers them."""

from rfa_core.frontends.keras.operations import contracting as contracting
from rfa_core.frontends.keras.operations import elementwise as elementwise
from rfa_core.frontends.keras.operations import images as images
from rfa_core.frontends.keras.operations import indexing as indexing
from rfa_core.frontends.keras.operations import rearranging as rearranging
from rfa_core.frontends.keras.operations import sampling as sampling
from rfa_core.frontends.keras.operations import sequences as sequences
from rfa_core.frontends.keras.operations import sliding as sliding
