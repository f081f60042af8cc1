"""Questions about whole networks: axes of a batch, odd sizes, and what pooling is for."""
