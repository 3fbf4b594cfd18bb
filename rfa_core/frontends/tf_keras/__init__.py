"""Legacy Keras (``tf_keras``, or ``tf.keras`` under TF_USE_LEGACY_KERAS), as TensorFlow graphs."""

from __future__ import annotations

from rfa_core.frontends.tf_keras.frontend import FRONTEND as FRONTEND
