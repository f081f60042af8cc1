"""Keras: layers, functions, operations and messages."""
