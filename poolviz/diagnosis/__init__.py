"""Findings, recomputed fixes, and their phrases."""
