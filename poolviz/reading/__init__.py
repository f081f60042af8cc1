"""Error messages, source code and live models, read back into layers and numbers."""
