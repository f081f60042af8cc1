"""Answers computed before they are needed."""
