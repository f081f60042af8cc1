"""Layers as frozen parameters, named as in PyTorch."""
