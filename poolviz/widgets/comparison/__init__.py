"""FrameworkComparison."""
