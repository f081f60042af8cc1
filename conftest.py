"""Loads the plugin that makes nbval strict (see tests/strict_nbval.py)."""

pytest_plugins = ["tests.strict_nbval"]
