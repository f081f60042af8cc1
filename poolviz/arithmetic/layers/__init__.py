"""Layers as frozen parameters, in PyTorch's words."""
