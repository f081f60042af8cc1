"""StackExplorer."""
