"""SizeMap."""
