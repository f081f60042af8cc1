"""The cellar: every word that a reader sees, one file per language; all floors say them from here.

A translation is one more file beside `en.toml`, with the same keys and the same {placeholders}.
"""
