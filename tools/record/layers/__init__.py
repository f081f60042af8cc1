"""Runs of single layers: sizes, values, refused arguments, and the lines that poolviz writes."""
