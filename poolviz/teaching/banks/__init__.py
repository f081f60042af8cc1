"""Question banks: exercises as Moodle XML and as QTI packages."""
