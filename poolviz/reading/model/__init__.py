"""Live models of PyTorch, Keras and Flax → layers; a framework is used only where it is loaded."""
