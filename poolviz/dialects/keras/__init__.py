"""Keras: layers, functions, messages and code."""

BACKENDS = ("tensorflow", "jax", "pytorch")  # frameworks whose own words may be inside Keras' texts
