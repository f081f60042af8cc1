"""What pictures of convolutions have besides: weights, channels, and products term by term."""
