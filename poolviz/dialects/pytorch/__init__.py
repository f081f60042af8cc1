"""PyTorch: layers, functions, messages and code."""
