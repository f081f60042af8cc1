"""JAX and Flax: layers, functions, messages and code."""
