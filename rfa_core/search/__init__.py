"""Architecture search: a custom graph that is changed and judged again, without a framework."""

from __future__ import annotations

from rfa_core.search.candidate import Candidate as Candidate
from rfa_core.search.survey import Survey as Survey
