"""Words of each framework: names of layers, code and error messages; one folder for each."""
