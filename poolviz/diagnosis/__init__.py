"""Findings, fixes that were recomputed, and their words."""
