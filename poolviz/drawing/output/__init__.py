"""HTML pages, animations, MIME bundles, JSON, and files that are written atomically."""
