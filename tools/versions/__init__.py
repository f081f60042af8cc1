"""Recorders that run the same calls in many versions of the frameworks."""
