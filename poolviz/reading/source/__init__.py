"""Source text → a network, by `ast`: read, never run."""
