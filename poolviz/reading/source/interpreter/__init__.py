"""The abstract interpreter: each class reads one kind of thing, and builds on the one before."""
