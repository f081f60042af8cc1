"""Keras: layers, functions, messages and code."""

BACKENDS = ("tensorflow", "jax", "pytorch")  # Keras' messages may contain theirs
