"""The rules of each framework: defaults, padding, rounding, limits, error texts."""
