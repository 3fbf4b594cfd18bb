"""Layers that are read as a whole, one module per family; importing it registers them."""

from rfa_core.frontends.keras.layers import convolutions as convolutions
from rfa_core.frontends.keras.layers import norms as norms
from rfa_core.frontends.keras.layers import pooling as pooling
from rfa_core.frontends.keras.layers import preprocessing as preprocessing
from rfa_core.frontends.keras.layers import recurrent as recurrent
