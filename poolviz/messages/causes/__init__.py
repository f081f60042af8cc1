"""Why tensors do not fit: missing axes, other rows, and the text around the message."""
