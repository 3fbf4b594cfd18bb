"""The use cases, and the only place where the parts are wired together.

``check`` runs the whole way from targets to a report; ``list_targets`` stops after
discovery; ``analyse`` takes one model that is already built. The command line and the
pytest plugin are two doors to these functions; neither does anything of its own.
"""
