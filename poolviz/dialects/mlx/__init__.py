"""MLX: layers, names in source code, messages and code."""
