"""Networks as graphs of tensors."""
