"""Text → layers: what frameworks say when they fail, read back into numbers."""
