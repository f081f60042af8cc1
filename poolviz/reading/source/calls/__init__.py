"""Calls on tensors that the reader of source text follows itself."""
