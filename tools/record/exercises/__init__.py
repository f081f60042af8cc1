"""What frameworks answer to the questions of the exercises and notebooks."""
