"""The only modules that use matplotlib: pictures become figures and files."""
