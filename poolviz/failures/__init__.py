"""The model, its input and the failing layer in the traceback of an error."""
