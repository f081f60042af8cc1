"""The command line: export, notebooks, the app."""
