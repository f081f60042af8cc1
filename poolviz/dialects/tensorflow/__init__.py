"""TensorFlow: messages of shape inference and of kernels, and code."""
