"""Loads the plugin that makes nbval strict (see tests/strict_nbval.py)."""

pytest_plugins = ["tests.strict_nbval"]

# The notebook of the app shows nothing without Voila: tests/browser/test_app.py runs it there.
collect_ignore = ["poolviz/cli/app"]
