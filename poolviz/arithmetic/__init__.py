"""Sizes, windows, values and gradients of layers; numpy only where values are computed."""
