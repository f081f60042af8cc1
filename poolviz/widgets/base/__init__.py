"""Shared parts of all widgets: state, language, saving, the JavaScript bundle."""
