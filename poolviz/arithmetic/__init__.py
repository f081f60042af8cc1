"""Floor 0: whole numbers and the standard library (numpy only in `values`)."""
