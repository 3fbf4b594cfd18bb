"""The use cases, and the only place where the parts are wired together.

The command line and the pytest plugin are two doors to this package; neither does anything
of its own.
"""

from __future__ import annotations

from rfa_core.api.accepting import accepted_findings as accepted_findings
from rfa_core.api.accepting import shown_file as shown_file
from rfa_core.api.analysis import Analysis as Analysis
from rfa_core.api.analysis import analyse as analyse
from rfa_core.api.analysis import verify_built as verify_built
from rfa_core.api.baselining import prune as prune
from rfa_core.api.baselining import write as write
from rfa_core.api.built import check_built as check_built
from rfa_core.api.files import write_reports as write_reports
from rfa_core.api.pictures import visualize_architecture as visualize_architecture
from rfa_core.api.reporting import Outcome as Outcome
from rfa_core.api.revisions import snapshot_of as snapshot_of
from rfa_core.api.runs import check as check
from rfa_core.api.runs import ranges as ranges
from rfa_core.api.runs import verify as verify
from rfa_core.api.session import Session as Session
from rfa_core.api.sharding import Shard as Shard
from rfa_core.api.sweeps import Spread as Spread
from rfa_core.api.sweeps import planned as planned
from rfa_core.api.sweeps import rank as rank
from rfa_core.api.sweeps import sweep as sweep
from rfa_core.api.sweeps import swept as swept
