"""Exercises for learning platforms: question banks, and a test of what a class has learned."""
