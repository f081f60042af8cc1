"""What is drawn of a convolution besides: its weights, and its input with channels."""
