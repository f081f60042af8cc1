"""Live models of PyTorch, Keras and Flax → layers; a framework is used only where it is loaded."""

from poolviz.diagnosis.reading.models.reader import read_model as read_model
