"""ExerciseCard."""
