"""A concept test in two parallel forms, and what the answers of a class say."""
