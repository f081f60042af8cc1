"""Error messages as facts: what a text states, how it is searched, and what its numbers explain."""
