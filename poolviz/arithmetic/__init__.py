"""Sizes, windows and values of layers: integers, and numpy only in `values`."""
