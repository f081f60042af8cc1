"""What explains errors by itself: below a traceback in a notebook, in an interpreter, in pytest."""
