"""What each framework says of shapes that do not fit."""
