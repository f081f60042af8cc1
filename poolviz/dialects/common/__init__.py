"""Types and helpers that all dialects share."""
