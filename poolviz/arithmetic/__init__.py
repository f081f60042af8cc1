"""Sizes, windows and values of layers: integers, with numpy in `values` only."""
