"""Findings, fixes and comparisons for one layer on one input."""
