"""Text as people paste it: what surrounds the code, and what is missing."""
