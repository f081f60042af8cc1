"""Message catalogues: all texts for users, one TOML file per language, and how they are formatted.

A translation is one more file beside `en.toml`, with the same keys and placeholders, and a
plural function in `plurals`.
"""
