"""The kinds of questions, by subject."""
