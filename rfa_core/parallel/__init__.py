"""Work in processes of their own: results in order, limits kept, a lost worker costs one item."""

from __future__ import annotations

from rfa_core.parallel.limits import Limits as Limits
from rfa_core.parallel.process import Duty as Duty
from rfa_core.parallel.workers import Lost as Lost
from rfa_core.parallel.workers import Workers as Workers
from rfa_core.parallel.workers import jobs_for as jobs_for
