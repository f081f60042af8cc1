"""The widgets, one folder each: Python, saved page, JavaScript and CSS."""
