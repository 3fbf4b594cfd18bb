"""TensorFlow: graphs of functions, modules and SavedModels, read without being run."""

from __future__ import annotations

from rfa_core.frontends.tensorflow.frontend import FRONTEND as FRONTEND
from rfa_core.frontends.tensorflow.splicing import splice as splice
