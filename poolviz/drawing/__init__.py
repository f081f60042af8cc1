"""Floor 2: from numbers and words to a picture. The scene knows no matplotlib."""
