"""The parts of the documentation that are read from code and notebooks."""
