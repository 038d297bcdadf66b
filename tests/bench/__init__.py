"""Measurements: `make bench` prints a table and writes instance/bench.json."""
