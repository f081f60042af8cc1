"""PoolExplorer."""
