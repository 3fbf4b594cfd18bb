"""A traced graph and its verdicts, made into what every kind of picture is drawn from.

``view_of`` folds, nests and stacks, once for all formats, and ``opened`` decides how deep to
look; both are pure. Renderers (``dot``) read nothing but the ``View``.
"""

from __future__ import annotations

from rfa_core.drawing.opening import opened as opened
from rfa_core.drawing.values import View as View
from rfa_core.drawing.view import view_of as view_of
