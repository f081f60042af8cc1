"""Calls on tensors in a source text, and the objects that models are configured with."""
