"""Messages of frameworks that poolviz only reads; frozen."""
