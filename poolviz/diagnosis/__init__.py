"""Floor 1: from numbers to words. Findings, fixes that were recomputed, and how to say them."""
