"""Messages of frameworks that are no longer developed; frozen."""
