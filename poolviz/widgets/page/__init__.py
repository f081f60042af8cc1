"""Saved pages: what a widget would answer, computed before, and looked up without a kernel."""
