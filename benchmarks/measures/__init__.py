"""What ``benchmarks/run.py`` measures: each module makes tables of its own."""
