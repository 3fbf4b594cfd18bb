"""Fuzzing of everything that reads what others wrote: ``python -m fuzz --help``.

Not part of the tests and not of the package; ``tests/corpus`` and ``tests/unit/fuzz`` hold
what it found. See ``docs/fuzzing.md``.
"""
