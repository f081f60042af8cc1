"""Widgets on a plain page in Chromium, without Jupyter; their pictures in `docs/screens`."""
