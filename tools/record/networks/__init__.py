"""Runs of whole networks, and the models they are made of."""
