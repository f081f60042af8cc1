"""Recorders: they run frameworks, without poolviz, and write what happened to `tests/data`."""
