"""What earlier runs found out, kept as data: models that did not change are not built again.

An entry holds what was found (``values``), and all that it was found from
(``dependencies``, which ``watching`` notes while a model is imported and built). It counts only
as long as all of that is as it was. Entries of models (``models``) hold the analysis and the graph;
entries of whole runs (``runs``) what was written to stdout. Nothing in a file of the cache can
run: it is JSON in a checked container (``container``).
"""

from __future__ import annotations
