"""PyTorch: layers, functions and messages."""
