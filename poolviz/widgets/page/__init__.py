"""Saved pages: the answers of a widget, computed in advance and looked up without a kernel."""
