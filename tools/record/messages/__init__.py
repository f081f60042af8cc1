"""What each framework says of shapes that do not fit, and tracebacks of programs that fail."""
