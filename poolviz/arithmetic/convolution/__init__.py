"""Convolutions and transposed convolutions: their traces, weights, values and gradients."""
