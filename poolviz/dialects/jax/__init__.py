"""JAX and Flax: layers."""
