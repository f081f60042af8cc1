"""The vocabulary: names and settings of layers in each framework → layers of poolviz."""
