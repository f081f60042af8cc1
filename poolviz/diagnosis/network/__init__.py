"""The stack of a network: table, root cause, fixes."""
