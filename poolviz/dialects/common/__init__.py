"""What the dialects share: message patterns, layer vocabularies, argument tables."""
